using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Telemetry.Tracing;

namespace OrleansFlow.Telemetry;

/// <summary>Measures what an engine tells, makes spans of it, and passes it on. Thread-safe.</summary>
/// <param name="inner">Who else hears it.</param>
/// <param name="meter">The instruments.</param>
/// <param name="traces">The traces; null: nobody wants them.</param>
internal sealed class MeteredObserver(IEngineObserver inner, FlowMeter meter, RunTraces? traces) : IEngineObserver
{
    public void StoreUnavailable(string problem)
    {
        meter.Host.SeeStore(away: true);
        inner.StoreUnavailable(problem);
    }

    public void StoreAvailable()
    {
        meter.Host.SeeStore(away: false);
        inner.StoreAvailable();
    }

    public void BatchExecuted(int steps, TimeSpan duration)
    {
        meter.Host.SeeStore(away: false);
        meter.Commits.Executed(steps, duration);
        inner.BatchExecuted(steps, duration);
    }

    public void Settled(Step step, StepOutcome outcome, TimeSpan latency)
    {
        meter.Commits.Settled(step, outcome, latency);
        if (outcome.Status == StepStatus.Committed)
        {
            meter.Tasks.Committed(step);
            traces?.Committed(step, latency);
        }

        inner.Settled(step, outcome, latency);
    }

    public void Stale(string subject, string @event)
    {
        meter.Tasks.Stale(@event);
        inner.Stale(subject, @event);
    }

    public void Illegal(string subject, string @event)
    {
        meter.Tasks.Illegal();
        inner.Illegal(subject, @event);
    }

    public void Defect(string subject, Exception exception)
    {
        meter.Host.Defect();
        inner.Defect(subject, exception);
    }

    public void Fenced(string problem)
    {
        meter.Host.Fenced();
        inner.Fenced(problem);
    }
}
