using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Execution.LocalProcess.Noop;

/// <summary>Runs nothing: each attempt starts at once and exits 0 with no outputs. For benchmarks and tests of what is around it. Thread-safe.</summary>
/// <param name="time">The time of stamps.</param>
/// <param name="stepped">Whether attempts go on until <see cref="EndOne"/> ends them; otherwise they exit at once.</param>
public sealed class NoopBackend(TimeProvider time, bool stepped = false) : IExecutionBackend
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, AttemptStatus> _known = [];
    private readonly Queue<AttemptStarted> _running = [];
    private readonly Channel<AttemptStatus> _observed = Channel.CreateUnbounded<AttemptStatus>();

    /// <inheritdoc/>
    public string Name => "noop";

    /// <inheritdoc/>
    public Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var started = new AttemptStarted(plan.Key, plan.Uid, now, null, null);
        AttemptStatus last = stepped ? started : Exit(started, now);
        lock (_lock)
        {
            if (!_known.TryAdd(plan.Uid, last)) return Task.CompletedTask;
            if (stepped) _running.Enqueue(started);
        }

        _observed.Writer.TryWrite(started);
        if (!stepped) _observed.Writer.TryWrite(last);
        return Task.CompletedTask;
    }

    /// <summary>Ends the oldest of those that run; false when there is none.</summary>
    public bool EndOne()
    {
        AttemptExited exited;
        lock (_lock)
        {
            if (!_running.TryDequeue(out var started)) return false;
            _known[started.Uid] = exited = Exit(started, time.GetUtcNow());
        }

        return _observed.Writer.TryWrite(exited);
    }

    private static AttemptExited Exit(AttemptStarted started, DateTimeOffset now) =>
        new(started.Attempt, started.Uid, started.At, null, new ExitReport { ExitCode = 0, At = now, Outputs = StagedOutputs.None });

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
