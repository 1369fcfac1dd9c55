using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>
/// The backstop of timers and reports: rows that are due, and ends that nobody has acted on, are delivered again. A row that stays due
/// is asked less and less often, and is never in the way of others.
/// </summary>
internal sealed class Sweep(IStateReader reader, LocalPeers peers, TimeProvider time, IEngineObserver observer)
{
    private const int Page = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Dictionary<RowKey, (int Times, DateTimeOffset Next)> _stubborn = [];

    /// <summary>Sweeps once.</summary>
    public async Task OnceAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var due = await reader.ReadDueAsync(now, Page + _stubborn.Count, cancellation);
        Forget(due);
        foreach (var row in due.Where(row => IsDue(row.Key, now))) Deliver(peers.WakeAsync(row.Key, row.Version, cancellation), row.Key);
        foreach (var task in await reader.ReadUnreportedTasksAsync(now - Patience, Page, cancellation))
            Deliver(peers.Run(task.Task.Run).WakeAsync(Wake.Reload, cancellation), RowKey.Of(task.Task));
        foreach (var run in await reader.ReadUnreportedRunsAsync(now - Patience, Page, cancellation))
            Deliver(peers.Dag(run.Dag).RunEndedAsync(new RunEnded(run.Run), cancellation), RowKey.Of(run.Run));
    }

    /// <summary>Compares the counters of limits with the rows; a difference is a defect.</summary>
    public async Task AuditAsync(CancellationToken cancellation)
    {
        foreach (var (counter, counted) in await reader.ReadLimitDriftAsync(cancellation))
            observer.Defect(counter.Key, new InvalidOperationException($"limit {counter.Key} counts {counter.Used}, its rows {counted}"));
    }

    private bool IsDue(RowKey row, DateTimeOffset now)
    {
        var (times, next) = _stubborn.GetValueOrDefault(row);
        if (next > now) return false;
        _stubborn[row] = (times + 1, now + TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, times))));
        return true;
    }

    private void Forget(IReadOnlyList<DueRow> due)
    {
        var still = due.Select(row => row.Key).ToHashSet();
        foreach (var row in _stubborn.Keys.Where(row => !still.Contains(row)).ToArray()) _stubborn.Remove(row);
    }

    private async void Deliver(Task delivery, RowKey row)
    {
        try
        {
            await delivery;
        }
        catch (Exception e) when (e is OperationCanceledException or Coordinators.FencedException)
        {
        }
        catch (Exception e)
        {
            observer.Defect($"sweep of {row}", e);
        }
    }
}
