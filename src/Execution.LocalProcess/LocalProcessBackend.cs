using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Execution.LocalProcess.Attempts;
using OrleansFlow.Execution.LocalProcess.Orphans;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Execution.LocalProcess;

/// <summary>
/// Runs attempts as child processes of this host, each in a session of its own. An attempt's folder lives until the attempt is
/// released; afterwards only its log, its checkpoints and what it staged are left. When the host dies its processes go on until the next start
/// ends them (<see cref="AdoptAsync"/>). Disposing stops what runs, as <see cref="LeaveAsync"/> does. Thread-safe. Linux only.
/// </summary>
public sealed class LocalProcessBackend : IExecutionBackend, IAsyncDisposable
{
    /// <summary>How many ended attempts are remembered: as many as may have a launch on its way that was sent twice.</summary>
    private const int MostReleased = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, LocalAttempt> _attempts = [];
    private readonly Dictionary<Guid, AttemptFolder> _left = [];
    private readonly Channel<AttemptStatus> _observed = Channel.CreateUnbounded<AttemptStatus>();
    private readonly Services _services;
    private readonly Queue<Guid> _releasedByAge = new();
    private readonly HashSet<Guid> _released = [];
    private Task<IReadOnlyList<AttemptStatus>>? _leaving;

    /// <summary>Makes the backend; it does nothing until something is launched.</summary>
    /// <param name="options">Folders and limits.</param>
    /// <param name="storage">Where inputs, outputs, checkpoints and logs lie.</param>
    /// <param name="connections">The values of the connections that tasks name.</param>
    /// <param name="time">The time of stamps and waits.</param>
    public LocalProcessBackend(LocalProcessOptions options, IAttemptStorage storage, IConnections connections, TimeProvider time) =>
        _services = new Services(options, storage, connections, time, status => _observed.Writer.TryWrite(status));

    /// <inheritdoc/>
    public string Name => "local";

    /// <inheritdoc/>
    public async Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation)
    {
        var (attempt, known) = Register(plan);
        if (attempt is null && known) return;
        if (attempt is null)
        {
            // its host is about to end: it was not launched, and the next host launches it
            await Task.Delay(Timeout.InfiniteTimeSpan, _services.Time, cancellation);
            return;
        }

        if (known)
        {
            await attempt.Launched.WaitAsync(cancellation);
            return;
        }

        try
        {
            // coordinators await this on a scheduler of theirs, and what follows reads and writes files
            await Task.Run(() => attempt.LaunchAsync(cancellation), CancellationToken.None);
        }
        catch
        {
            lock (_lock) _attempts.Remove(plan.Uid);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(AttemptKey attempt, Guid uid, StopReason reason, TimeSpan grace, CancellationToken cancellation)
    {
        Find(uid)?.Stop(reason, grace);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The pipes of a child end with its host, so nothing is taken over: what a dead host left is ended (SIGTERM, 2 s, SIGKILL) and lost
    /// with cause <c>host_lost</c>. What it had not started is left out. The folder of a lost one stays until it is released: this host may die
    /// before the loss is durable, and the next one must find that it had started.
    /// </remarks>
    public async Task<IReadOnlyList<AttemptStatus>> AdoptAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation)
    {
        var (lost, folders) = await new OrphanReaper(_services.Options.Attempts, _services.Time).ReapAsync(attempts, cancellation);
        lock (_lock)
        {
            foreach (var (uid, folder) in folders) _left[uid] = folder;
        }

        return lost;
    }

    /// <summary>
    /// Ends what other hosts of this machine left that are no more, in folders of their own. What runs here goes on, so that it may be called at any time.
    /// </summary>
    /// <returns>A loss with cause <c>host_lost</c> for each attempt that had started, as far as it can be seen from here.</returns>
    public Task<IReadOnlyList<AttemptLost>> EndLeftByOthersAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation) =>
        new OrphanReaper(_services.Options.Attempts, _services.Time).ReapOthersAsync(attempts, cancellation);

    /// <inheritdoc/>
    public Task AcknowledgeCheckpointAsync(AttemptKey attempt, Guid uid, long number, CancellationToken cancellation) =>
        Find(uid) is { } found ? Task.Run(() => found.AcknowledgeAsync(number, cancellation), CancellationToken.None) : Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<AttemptStatus>> ListAsync(CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult<IReadOnlyList<AttemptStatus>>([.. _attempts.Values.SelectMany(attempt => attempt.Statuses())]);
    }

    /// <inheritdoc/>
    /// <remarks>An attempt that still runs is kept: its end has to be seen first.</remarks>
    public Task ReleaseAsync(AttemptKey attempt, Guid uid, CancellationToken cancellation)
    {
        LocalAttempt? ended;
        lock (_lock)
        {
            if (_left.Remove(uid, out var left)) return Task.Run(() => _services.Folders.Remove(left), CancellationToken.None);
            if (!_attempts.TryGetValue(uid, out ended) || !ended.Ended.IsCompleted || !_attempts.Remove(uid))
                return Task.CompletedTask;
            if (_released.Add(uid)) _releasedByAge.Enqueue(uid);
            if (_released.Count > MostReleased) _released.Remove(_releasedByAge.Dequeue());
        }

        ended.Dispose();
        return Task.Run(ended.RemoveFolder, CancellationToken.None);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<AttemptStatus> ObserveAsync(CancellationToken cancellation) => _observed.Reader.ReadAllAsync(cancellation);

    /// <summary>
    /// Stops what runs because this host leaves, and launches nothing more. What is stopped so tells nothing but its checkpoints: it counts
    /// as lost with its host when the next one starts, never as failed. Returns when all has ended, or could not be ended in time.
    /// </summary>
    /// <param name="hurry">From then on nothing gets a grace period any more.</param>
    /// <returns>What should be recorded before the host ends: last checkpoints, and ends that came before the stop. The same for every call.</returns>
    public Task<IReadOnlyList<AttemptStatus>> LeaveAsync(CancellationToken hurry)
    {
        lock (_lock) return _leaving ??= StopAsync([.. _attempts.Values], hurry);
    }

    /// <summary>Stops what runs, waits for its end as <see cref="LeaveAsync"/> does, and ends the stream of observations.</summary>
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync(CancellationToken.None);
        bool ended;
        lock (_lock) ended = _attempts.Values.All(attempt => attempt.Ended.IsCompleted);
        // what could not be ended still uses them, as long as this process lives
        if (_observed.Writer.TryComplete() && ended) _services.Dispose();
    }

    private async Task<IReadOnlyList<AttemptStatus>> StopAsync(IReadOnlyList<LocalAttempt> running, CancellationToken hurry)
    {
        var grace = _services.Options.ShutdownGrace;
        foreach (var attempt in running) attempt.Leave(grace);
        await using var hurrying = hurry.Register(() =>
        {
            foreach (var attempt in running) attempt.Leave(TimeSpan.Zero);
        });
        try
        {
            await Task.WhenAll(running.Select(attempt => attempt.Ended)).WaitAsync(
                grace + _services.Options.ShutdownPatience, _services.Time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // stuck in the kernel, or in its last copy: the next host ends and counts it
        }

        return [.. running.SelectMany(attempt => attempt.Statuses()).Where(status => status is CheckpointSaved or AttemptExited)];
    }

    /// <summary>
    /// The attempt of a plan, and whether it was there before; null when nothing is launched any more, or when it was there, has ended, and its end is
    /// durable: then it was told to launch twice.
    /// </summary>
    private (LocalAttempt? Attempt, bool Known) Register(AttemptPlan plan)
    {
        lock (_lock)
        {
            if (_attempts.TryGetValue(plan.Uid, out var there)) return (there, true);
            if (_released.Contains(plan.Uid)) return (null, true);
            if (_leaving is not null) return (null, false);
            var attempt = new LocalAttempt(plan, _services);
            _attempts.Add(plan.Uid, attempt);
            return (attempt, false);
        }
    }

    private LocalAttempt? Find(Guid uid)
    {
        lock (_lock) return _attempts.GetValueOrDefault(uid);
    }
}
