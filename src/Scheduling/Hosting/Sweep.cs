using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>
/// The backstop of timers and reports: rows that are due, and ends that nobody has acted on, are delivered again. A row that stays due
/// is asked less and less often, and is never in the way of others. A report is repeated as it was before its run is made to look at its
/// rows: under load it is only on its way, and reading what is known would make that worse.
/// </summary>
internal sealed class Sweep(IStateReader reader, IPeers peers, TimeProvider time, IEngineObserver observer)
{
    private const int Page = 500;
    private const int RepeatsBeforeReload = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Nobody repeats a command after that.
    private static readonly TimeSpan RequestAge = TimeSpan.FromDays(7);
    private readonly Dictionary<RowKey, Stubborn> _stubborn = [];

    /// <summary>Sweeps once.</summary>
    public async Task OnceAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var limit = Page + _stubborn.Count;
        var found = new List<(RowKey Row, Func<Task> Deliver)>();
        foreach (var due in await reader.ReadDueAsync(now, limit, cancellation))
            found.Add((due.Key, () => peers.WakeAsync(due.Key, due.Version, cancellation)));
        foreach (var task in await reader.ReadUnreportedTasksAsync(now - Patience, limit, cancellation))
            found.Add((RowKey.Of(task.Task.Run), () => ReportAsync(task, cancellation)));
        foreach (var run in await reader.ReadUnreportedRunsAsync(now - Patience, limit, cancellation))
            found.Add((RowKey.Of(run.Dag), () => peers.Dag(run.Dag).RunEndedAsync(new RunEnded(run.Run, run.Version), cancellation)));

        Forget(found.Select(each => each.Row).ToHashSet());
        foreach (var group in found.GroupBy(each => each.Row))
        {
            // What was delivered and not acted on yet is on its way: more of the same would only be in front of it.
            var before = _stubborn.GetValueOrDefault(group.Key);
            if (before.Next > now || before.Delivery is { IsCompleted: false }) continue;
            var reload = group.Key.Kind == RowKind.Run && before.Times >= RepeatsBeforeReload;
            var deliveries = reload ? [() => peers.WakeAsync(group.Key, Wake.Reload.Version, cancellation)] : group.Select(each => each.Deliver);
            var next = now + TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, before.Times)));
            _stubborn[group.Key] = new Stubborn(before.Times + 1, next, Task.WhenAll(deliveries.Select(deliver => DeliverAsync(deliver(), group.Key))));
        }
    }

    private Task ReportAsync(UnreportedTask task, CancellationToken cancellation) => peers.Run(task.Task.Run)
        .TaskFinishedAsync(new TaskFinished(task.Task, task.State, task.Epoch, task.Version), cancellation);

    /// <summary>Compares the counters of limits with the rows; a difference is a defect.</summary>
    public async Task AuditAsync(CancellationToken cancellation)
    {
        foreach (var (counter, counted) in await reader.ReadLimitDriftAsync(cancellation))
            observer.Defect(counter.Key, new InvalidOperationException($"limit {counter.Key} counts {counter.Used}, its rows {counted}"));
    }

    /// <summary>Removes the answers to commands that nobody repeats any more, a page at a time.</summary>
    public async Task ForgetRequestsAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - RequestAge;
        while (await reader.ForgetRequestsAsync(before, Page, cancellation) == Page)
        {
        }
    }

    private void Forget(HashSet<RowKey> still)
    {
        foreach (var row in _stubborn.Keys.Where(row => !still.Contains(row)).ToArray()) _stubborn.Remove(row);
    }

    private async Task DeliverAsync(Task delivery, RowKey row)
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

    /// <summary>A row that has been found before.</summary>
    /// <param name="Times">How often its owner was asked.</param>
    /// <param name="Next">Not before then again.</param>
    /// <param name="Delivery">Ends when its owner has acted on what it was told last.</param>
    private readonly record struct Stubborn(int Times, DateTimeOffset Next, Task Delivery);
}
