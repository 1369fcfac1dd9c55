using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains.Hosting;

/// <summary>
/// What a silo has to tell a pool. With every task that waits or ends there is something, and the pool mostly lives on another silo: what comes
/// up while it is being told goes with the next call. A pool counts its slots itself, so that it needs each word once, and in any order. Thread-safe.
/// </summary>
/// <param name="wait">Tells the pool who waits.</param>
/// <param name="released">Tells the pool that something became free.</param>
internal sealed class PoolNews(Func<WaitForSlots, CancellationToken, Task> wait, Func<SlotsReleased, CancellationToken, Task> released)
{
    private readonly Lock _lock = new();
    private Batch? _next;
    private bool _telling;

    /// <summary>Tells who waits; returns when the pool knows.</summary>
    public Task AddAsync(WaitForSlots message, CancellationToken cancellation) => AddAsync(batch => batch.Waiters.AddRange(message.Waiters), cancellation);

    /// <summary>Tells that something became free; returns when the pool knows.</summary>
    public Task AddAsync(SlotsReleased message, CancellationToken cancellation) => AddAsync(batch => batch.Add(message), cancellation);

    private Task AddAsync(Action<Batch> add, CancellationToken cancellation)
    {
        Batch batch;
        lock (_lock)
        {
            batch = _next ??= new Batch(cancellation);
            add(batch);
            if (_telling) return batch.Told.Task;
            _telling = true;
        }

        // It belongs to no grain, and to nobody's trace.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(TellAsync, CancellationToken.None);
        return batch.Told.Task;
    }

    private async Task TellAsync()
    {
        while (Take() is { } batch)
        {
            try
            {
                if (batch.Waiters.Count > 0) await wait(new WaitForSlots(batch.Waiters), batch.Cancellation);
                if (batch.Released is { } message) await released(message, batch.Cancellation);
                batch.Told.SetResult();
            }
            catch (OperationCanceledException e)
            {
                batch.Told.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                batch.Told.SetException(e);
            }
        }
    }

    private Batch? Take()
    {
        lock (_lock)
        {
            var batch = _next;
            _next = null;
            _telling = batch is not null;
            return batch;
        }
    }

    private sealed class Batch(CancellationToken cancellation)
    {
        public CancellationToken Cancellation => cancellation;

        public List<Waiter> Waiters { get; } = [];

        public SlotsReleased? Released { get; private set; }

        public TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // Zero says more than a number: that another limit became free, so that all have to be looked at.
        public void Add(SlotsReleased message)
        {
            if (Released is { Slots: 0 }) return;
            Released = Released is { } before && message.Slots > 0 ? new SlotsReleased(before.Slots + message.Slots) : message;
        }
    }
}
