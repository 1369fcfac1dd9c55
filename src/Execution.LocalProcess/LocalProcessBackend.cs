using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Execution.LocalProcess.Attempts;
using OrleansFlow.Execution.LocalProcess.Orphans;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Execution.LocalProcess;

/// <summary>
/// Runs attempts as child processes of this host, each in a session of its own. An attempt's folder lives until the attempt is
/// released; afterwards only its log, its checkpoints and what it staged are left. When the host dies its processes go on until the next start
/// ends them (<see cref="AdoptAsync"/>). Disposing stops what runs. Thread-safe. Linux only.
/// </summary>
public sealed class LocalProcessBackend : IExecutionBackend, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, LocalAttempt> _attempts = [];
    private readonly Channel<AttemptStatus> _observed = Channel.CreateUnbounded<AttemptStatus>();
    private readonly Services _services;

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
        LocalAttempt? there;
        LocalAttempt attempt;
        lock (_lock)
        {
            _attempts.TryGetValue(plan.Uid, out there);
            attempt = there ?? new LocalAttempt(plan, _services);
            if (there is null) _attempts.Add(plan.Uid, attempt);
        }

        if (there is not null)
        {
            await there.Launched.WaitAsync(cancellation);
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
    /// with cause <c>host_lost</c>. What it had not started is left out.
    /// </remarks>
    public async Task<IReadOnlyList<AttemptStatus>> AdoptAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation) =>
        await new OrphanReaper(_services.Options.Attempts, _services.Time).ReapAsync(attempts, cancellation);

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
            if (!_attempts.TryGetValue(uid, out ended) || !ended.Ended.IsCompleted || !_attempts.Remove(uid))
                return Task.CompletedTask;
        ended.Dispose();
        return Task.Run(ended.RemoveFolder, CancellationToken.None);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<AttemptStatus> ObserveAsync(CancellationToken cancellation) => _observed.Reader.ReadAllAsync(cancellation);

    /// <summary>Stops what runs, waits for its end, and ends the stream of observations.</summary>
    public async ValueTask DisposeAsync()
    {
        List<LocalAttempt> running;
        lock (_lock) running = [.. _attempts.Values];
        foreach (var attempt in running) attempt.Stop(StopReason.Cancel, _services.Options.ShutdownGrace);
        await Task.WhenAll(running.Select(attempt => attempt.Ended));
        if (_observed.Writer.TryComplete()) _services.Dispose();
    }

    private LocalAttempt? Find(Guid uid)
    {
        lock (_lock) return _attempts.GetValueOrDefault(uid);
    }
}
