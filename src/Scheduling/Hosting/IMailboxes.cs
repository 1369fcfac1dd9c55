using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>
/// Where coordinators run: all work for one row runs on one thread at a time, in order, and its continuations come back there.
/// Thread-safe.
/// </summary>
public interface IMailboxes
{
    /// <summary>Runs work where the coordinator of a row runs. Coordinators of one run share a place.</summary>
    Task<T> RunAsync<T>(RowKey row, Func<Task<T>> work);
}
