using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Bench.Watch;

/// <summary>Runs nothing: each attempt starts at once, and ends when it is told to. Thread-safe.</summary>
internal sealed class SteppedBackend(TimeProvider time) : IExecutionBackend
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, AttemptStatus> _known = [];
    private readonly Queue<AttemptStarted> _running = [];
    private readonly Channel<AttemptStatus> _observed = Channel.CreateUnbounded<AttemptStatus>();

    /// <inheritdoc/>
    public string Name => "stepped";

    /// <summary>Ends one of those that run; false when there is none.</summary>
    public bool EndOne()
    {
        AttemptExited exited;
        lock (_lock)
        {
            if (!_running.TryDequeue(out var started)) return false;
            var exit = new ExitReport { ExitCode = 0, At = time.GetUtcNow(), Outputs = StagedOutputs.None };
            exited = new AttemptExited(started.Attempt, started.Uid, started.At, null, exit);
            _known[started.Uid] = exited;
        }

        return _observed.Writer.TryWrite(exited);
    }

    /// <inheritdoc/>
    public Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation)
    {
        var started = new AttemptStarted(plan.Key, plan.Uid, time.GetUtcNow(), null, null);
        lock (_lock)
        {
            if (!_known.TryAdd(plan.Uid, started)) return Task.CompletedTask;
            _running.Enqueue(started);
        }

        _observed.Writer.TryWrite(started);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(AttemptKey attempt, Guid uid, StopReason reason, TimeSpan grace, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<AttemptStatus>> AdoptAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<AttemptStatus>>([]);

    /// <inheritdoc/>
    public Task AcknowledgeCheckpointAsync(AttemptKey attempt, Guid uid, long number, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<AttemptStatus>> ListAsync(CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult<IReadOnlyList<AttemptStatus>>([.. _known.Values]);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(AttemptKey attempt, Guid uid, CancellationToken cancellation)
    {
        lock (_lock) _known.Remove(uid);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<AttemptStatus> ObserveAsync(CancellationToken cancellation) => _observed.Reader.ReadAllAsync(cancellation);
}
