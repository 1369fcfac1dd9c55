using OrleansFlow.Scheduling.Hosting;

namespace OrleansFlow.Tests.Unit.Scheduling.Watching;

/// <summary>An observer that takes a defect for one of the test.</summary>
internal sealed class NoDefects : IEngineObserver
{
    public void StoreUnavailable(string problem)
    {
    }

    public void StoreAvailable()
    {
    }

    public void BatchExecuted(int steps, TimeSpan duration)
    {
    }

    public void Stale(string subject, string @event)
    {
    }

    public void Illegal(string subject, string @event)
    {
    }

    public void Defect(string subject, Exception exception) => throw new InvalidOperationException(subject, exception);

    public void Fenced(string problem)
    {
    }
}
