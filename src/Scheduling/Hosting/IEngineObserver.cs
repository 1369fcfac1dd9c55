using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>Hears what the engine has to say of itself: for logs, metrics, notices, and tests that must not miss a defect. Thread-safe.</summary>
public interface IEngineObserver
{
    /// <summary>The store cannot be reached; what was accepted waits.</summary>
    void StoreUnavailable(string problem);

    /// <summary>The store is back.</summary>
    void StoreAvailable();

    /// <summary>A batch was executed.</summary>
    void BatchExecuted(int steps, TimeSpan duration);

    /// <summary>What became of a step that was to be committed. Called by the committer: it must return at once.</summary>
    /// <param name="step">The step.</param>
    /// <param name="outcome">Its outcome.</param>
    /// <param name="latency">The time since it was handed in.</param>
    void Settled(Step step, StepOutcome outcome, TimeSpan latency)
    {
    }

    /// <summary>Word of an attempt that may no longer act was ignored.</summary>
    void Stale(string subject, string @event);

    /// <summary>An event that cannot happen in its state was ignored: a defect.</summary>
    void Illegal(string subject, string @event);

    /// <summary>Something failed that should not: a defect.</summary>
    void Defect(string subject, Exception exception);

    /// <summary>Another host is in charge: this one must stop.</summary>
    void Fenced(string problem);
}
