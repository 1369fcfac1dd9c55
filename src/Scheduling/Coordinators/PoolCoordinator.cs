using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>
/// The order of a pool's waiters: greater priority first, then the earlier logical date, then the smaller map index. It only gives the
/// word; slots are counted with the step that takes them, so a word too many does no harm.
/// </summary>
public sealed class PoolCoordinator(SchedulingServices services, string name) : Coordinator(services, RowKey.OfPool(name)), IPool
{
    private const int PageSize = 1000;
    private static readonly Comparer<Waiter> Turn = Comparer<Waiter>.Create((a, b) =>
        b.Priority != a.Priority ? b.Priority.CompareTo(a.Priority)
        : a.LogicalDate != b.LogicalDate ? a.LogicalDate.CompareTo(b.LogicalDate)
        : a.Task.MapIndex != b.Task.MapIndex ? a.Task.MapIndex.CompareTo(b.Task.MapIndex)
        : a.Task.CompareTo(b.Task));

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly Dictionary<TaskKey, int> _asked = [];
    private readonly HashSet<string> _exhausted = new(StringComparer.Ordinal);
    private SortedSet<Waiter>? _waiters;
    private Pool? _pool;
    private bool _mayBeMore;

    /// <inheritdoc/>
    /// <remarks>Never: pools are few, and each task that ends speaks to one, which would have to be loaded again each time.</remarks>
    public override bool IsFinished => false;

    /// <inheritdoc/>
    protected override bool IsLoaded => _waiters is not null;

    /// <inheritdoc/>
    public Task WaitAsync(WaitForSlots message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    public Task ReleasedAsync(SlotsReleased message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    public Task<CommandReply> SetSlotsAsync(SetSlots message, CancellationToken cancellation) => AskAsync<CommandReply>(message, cancellation);

    /// <inheritdoc/>
    protected override void Unload() => _waiters = null;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        _pool = await Services.Reader.ReadPoolAsync(name, cancellation);
        await RefillAsync(cancellation);
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(IReadOnlyList<Envelope> messages, CancellationToken cancellation)
    {
        foreach (var message in messages)
        {
            if (message.Message is WaitForSlots wait) _waiters!.UnionWith(wait.Waiters.Where(waiter => !_asked.ContainsKey(waiter.Task)));
            if (message.Message is SetSlots set) message.Complete(await ResizeAsync(set, cancellation));
            if (message.Message is not GoOn) _exhausted.Clear();
        }

        // Nobody tells twice who waits: word of it may have gone to a host that is no more, or come before its commit was known.
        var lookAgain = messages.Any(message => message.Message is SlotsReleased { Slots: 0 });
        if (lookAgain || (_waiters is { Count: 0 } && _mayBeMore)) await RefillAsync(cancellation);
        if (_waiters is { Count: > 0 } waiters) await CallUpAsync(waiters, cancellation);
    }

    private async Task RefillAsync(CancellationToken cancellation)
    {
        var page = await Services.Reader.ReadWaitersAsync(name, PageSize, cancellation);
        _mayBeMore = page.Count == PageSize;
        _waiters = new SortedSet<Waiter>(page.Where(waiter => !_asked.ContainsKey(waiter.Task)), Turn);
    }

    // As many as fit into what is free by now, less what those take who were given the word and have not answered.
    private async Task CallUpAsync(SortedSet<Waiter> waiters, CancellationToken cancellation)
    {
        var limits = await Services.Reader.ReadLimitsAsync([LimitKeys.Pool(name)], cancellation);
        var slots = limits is [var counter] ? counter : new LimitCounter(name, int.MaxValue, 0);
        var free = slots.Free - _asked.Values.Sum();
        foreach (var waiter in waiters.Where(waiter => !IsHopeless(waiter)).ToArray())
        {
            // One that needs more than the pool will ever have must not stand in the way of those behind it.
            if (waiter.Slots > slots.Slots) continue;
            if (waiter.Slots > free) break;
            free -= waiter.Slots;
            waiters.Remove(waiter);
            _asked.Add(waiter.Task, waiter.Slots);
            Start(() => AskAsync(waiter));
        }

        // Another limit may be given back where nothing is released here, and slots where nobody could tell us: look again after a while.
        if (waiters.Count > 0) Services.WakeUps.Set(Anchor, Services.Now + LookAgain, _pool?.Version ?? 0);
    }

    private bool IsHopeless(Waiter waiter) => _exhausted.Count > 0
        && (_exhausted.Contains(LimitKeys.Global)
            || _exhausted.Contains(LimitKeys.Run(waiter.Task.Run))
            || _exhausted.Contains(LimitKeys.Task(waiter.Dag, waiter.Task.Task)));

    private async Task AskAsync(Waiter waiter)
    {
        var blocked = (string?)null;
        try
        {
            blocked = (await Services.Peers.Task(waiter.Task).AdmitAsync(new Admit(), Services.Stopping)).Blocked;
        }
        catch (Exception) when (!Services.Stopping.IsCancellationRequested)
        {
            // It still waits, for all we know, and nobody else will say so.
            Services.WakeUps.Set(Anchor, Services.Now + LookAgain, _pool?.Version ?? 0);
            throw;
        }
        finally
        {
            _asked.Remove(waiter.Task);
        }

        // Blocked by another limit than ours: it keeps its place, and those behind it that need not the same limit go ahead.
        if (blocked is not null)
        {
            _waiters?.Add(waiter);
            if (blocked != LimitKeys.Pool(name))
                _exhausted.Add(blocked.StartsWith("paused/", StringComparison.Ordinal) ? LimitKeys.Run(waiter.Task.Run) : blocked);
        }

        if (blocked != LimitKeys.Pool(name) && (_waiters is { Count: > 0 } || _mayBeMore)) await TellAsync(new GoOn(), Services.Stopping);
    }

    private async Task<CommandReply> ResizeAsync(SetSlots set, CancellationToken cancellation)
    {
        if (set.Slots < 0) return new CommandReply(false, 0, $"a pool cannot have {set.Slots} slots");
        var expected = _pool?.Version ?? 0;
        var pool = new Pool(name, set.Slots ?? _pool?.Slots ?? 0, set.Description ?? _pool?.Description, expected + 1);
        var reply = new CommandReply(true);
        var resized = new HistoryEvent { At = Services.Now, Pool = name, Kind = "resized", Detail = $"{pool.Slots} slots" };
        await CommitAsync(new Step { Anchor = Anchor, Writes = [new PutPool(pool, expected), .. Done(set, reply, resized)] }, cancellation);
        _pool = pool;
        return reply;
    }

    /// <summary>Somebody who was asked has answered: the next may go.</summary>
    private sealed record GoOn;
}
