using OrleansFlow.Scheduling.Hosting;

namespace OrleansFlow.Bench.Transitions;

/// <summary>Counts batches, and keeps the first defect: with one, the numbers count for nothing.</summary>
internal sealed class BatchCount : IEngineObserver
{
    private long _batches;

    public long Batches => Interlocked.Read(ref _batches);

    public string? Problem { get; private set; }

    public void StoreUnavailable(string problem) => Problem ??= problem;

    public void StoreAvailable()
    {
    }

    public void BatchExecuted(int steps, TimeSpan duration) => Interlocked.Increment(ref _batches);

    public void Stale(string subject, string @event) => Problem ??= $"{subject}: {@event}";

    public void Illegal(string subject, string @event) => Problem ??= $"{subject}: {@event}";

    public void Defect(string subject, Exception exception) => Problem ??= $"{subject}: {exception.Message}";

    public void Fenced(string problem) => Problem ??= problem;
}
