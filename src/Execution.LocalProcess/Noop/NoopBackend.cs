using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Execution.LocalProcess.Noop;

/// <summary>Runs nothing: each attempt starts and exits 0 at once, with no outputs. For benchmarks and tests of what is around it. Thread-safe.</summary>
/// <param name="time">The time of stamps.</param>
public sealed class NoopBackend(TimeProvider time) : IExecutionBackend
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, AttemptStatus> _ended = [];
    private readonly Channel<AttemptStatus> _observed = Channel.CreateUnbounded<AttemptStatus>();

    /// <inheritdoc/>
    public string Name => "noop";

    /// <inheritdoc/>
    public Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var exit = new ExitReport { ExitCode = 0, At = now, Outputs = StagedOutputs.None };
        var status = new AttemptExited(plan.Key, plan.Uid, now, null, exit);
        lock (_lock)
            if (!_ended.TryAdd(plan.Uid, status))
                return Task.CompletedTask;
        _observed.Writer.TryWrite(new AttemptStarted(plan.Key, plan.Uid, now, null, null));
        _observed.Writer.TryWrite(status);
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
        lock (_lock) return Task.FromResult<IReadOnlyList<AttemptStatus>>([.. _ended.Values]);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(AttemptKey attempt, Guid uid, CancellationToken cancellation)
    {
        lock (_lock) _ended.Remove(uid);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<AttemptStatus> ObserveAsync(CancellationToken cancellation) => _observed.Reader.ReadAllAsync(cancellation);
}
