using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>All coordinators of one process: created when first spoken to, dropped when they have nothing left to do. Thread-safe.</summary>
internal sealed class LocalPeers(IMailboxes mailboxes, Func<RowKey, Coordinator> create, Action<RowKey> dropped) : RoutedPeers
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RowKey, Coordinator> _live = [];

    protected override Task<TReply> AskAsync<TPeer, TReply>(RowKey row, Func<TPeer, Task<TReply>> call, CancellationToken cancellation) =>
        mailboxes.RunAsync(row, () => call((TPeer)(object)FindOrCreate(row)));

    private Coordinator FindOrCreate(RowKey row)
    {
        lock (_lock)
        {
            if (_live.TryGetValue(row, out var known)) return known;
            var coordinator = _live[row] = create(row);
            coordinator.WentIdle = () =>
            {
                if (coordinator.IsIdle && coordinator.IsFinished) Drop(row, coordinator);
            };
            return coordinator;
        }
    }

    private void Drop(RowKey row, Coordinator coordinator)
    {
        lock (_lock)
        {
            if (!_live.TryGetValue(row, out var known) || known != coordinator) return;
            _live.Remove(row);
        }

        dropped(row);
    }
}
