using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>A few mailboxes, each running one thing at a time; a row's is found by hash, so that a run and its tasks share one.</summary>
internal sealed class Mailboxes : IMailboxes
{
    private readonly TaskFactory[] _boxes =
        [.. Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(_ => new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler))];

    /// <inheritdoc/>
    public Task<T> RunAsync<T>(RowKey row, Func<Task<T>> work) =>
        _boxes[(uint)string.GetHashCode(row.Id, StringComparison.Ordinal) % (uint)_boxes.Length].StartNew(work).Unwrap();
}
