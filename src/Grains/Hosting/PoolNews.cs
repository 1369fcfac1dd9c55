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
    public Task AddAsync(WaitForSlots message, CancellationToken cancellation) => AddAsync(batch => batch.Waiting.Add(message, cancellation));

    /// <summary>Tells that something became free; returns when the pool knows.</summary>
    public Task AddAsync(SlotsReleased message, CancellationToken cancellation) => AddAsync(batch => batch.Released.Add(message, cancellation));

    private Task AddAsync(Func<Batch, Task> add)
    {
        Task told;
        lock (_lock)
        {
            told = add(_next ??= new Batch());
            if (_telling) return told;
            _telling = true;
        }

        // It belongs to no grain, and to nobody's trace.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(TellAsync, CancellationToken.None);
        return told;
    }

    private async Task TellAsync()
    {
        while (Take() is { } batch)
        {
            await batch.Waiting.TellAsync((words, givenUp) => wait(new WaitForSlots([.. words.SelectMany(word => word.Waiters)]), givenUp));
            await batch.Released.TellAsync((words, givenUp) => released(Sum(words), givenUp));
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

    // Zero says more than a number: that another limit became free, so that all have to be looked at.
    private static SlotsReleased Sum(IReadOnlyList<SlotsReleased> words) =>
        new(words.Any(word => word.Slots == 0) ? 0 : words.Sum(word => word.Slots));

    private sealed class Batch
    {
        public Words<WaitForSlots> Waiting { get; } = new();

        public Words<SlotsReleased> Released { get; } = new();
    }

    /// <summary>What goes in one call, and who waits for it. One who gives up takes nobody else's word along: only when all have is the call given up.</summary>
    private sealed class Words<TMessage>
    {
        private readonly List<TMessage> _messages = [];
        private readonly HashSet<CancellationToken> _tellers = [];
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Add(TMessage message, CancellationToken teller)
        {
            _messages.Add(message);
            _tellers.Add(teller);
            return _told.Task.WaitAsync(teller);
        }

        public async Task TellAsync(Func<IReadOnlyList<TMessage>, CancellationToken, Task> tell)
        {
            if (_messages.Count == 0) return;
            using var givenUp = new CancellationTokenSource();
            var left = _tellers.Count;
            var watched = _tellers.Select(teller => teller.UnsafeRegister(_ => { if (Interlocked.Decrement(ref left) == 0) givenUp.Cancel(); }, null)).ToList();
            try
            {
                await tell(_messages, givenUp.Token);
                _told.SetResult();
            }
            catch (OperationCanceledException e)
            {
                _told.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                _told.SetException(e);
            }
            finally
            {
                foreach (var teller in watched) await teller.DisposeAsync();
            }
        }
    }
}
