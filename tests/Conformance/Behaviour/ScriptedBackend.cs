using System.Globalization;
using System.Runtime.CompilerServices;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Tests.Conformance.Behaviour;

/// <summary>
/// Attempts that do what the words of their command say: <c>ok</c>; <c>exit CODE</c>; <c>until EPOCH</c> fails with exit 1 before that epoch;
/// <c>lost EPOCH</c> is lost with its node before it; <c>xcom KEY JSON</c>; <c>wait</c> runs until it is stopped or ended. Thread-safe.
/// </summary>
public sealed class ScriptedBackend(TimeProvider time) : IExecutionBackend
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, AttemptStatus> _known = [];
    private readonly List<AttemptKey> _launched = [];
    private readonly Queue<AttemptStatus> _told = [];
    private List<TaskCompletionSource> _readers = [];

    /// <summary>How often each word of an attempt is told.</summary>
    public int Repeats { get; set; } = 1;

    /// <inheritdoc/>
    public string Name => "scripted";

    /// <summary>The attempts in the order in which they were launched; one that was launched twice is there twice.</summary>
    public IReadOnlyList<AttemptKey> Launched
    {
        get
        {
            lock (_lock) return [.. _launched];
        }
    }

    /// <inheritdoc/>
    public Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation)
    {
        var now = Now();
        var started = new AttemptStarted(plan.Key, plan.Uid, now, "here", null);
        var end = End(plan, started, now);
        lock (_lock)
        {
            if (!_known.TryAdd(plan.Uid, end ?? started)) return Task.CompletedTask;
            _launched.Add(plan.Key);
        }

        Tell(started);
        if (end is not null) Tell(end);
        return Task.CompletedTask;
    }

    /// <summary>Ends the attempts of a task that run and wait.</summary>
    public void Finish(TaskKey task, int exitCode = 0)
    {
        AttemptStarted[] running;
        lock (_lock) running = [.. _known.Values.OfType<AttemptStarted>().Where(started => started.Attempt.Task == task)];
        foreach (var started in running) EndWith(started, exitCode);
    }

    /// <inheritdoc/>
    public Task StopAsync(AttemptKey attempt, Guid uid, StopReason reason, TimeSpan grace, CancellationToken cancellation)
    {
        AttemptStarted? running;
        lock (_lock) running = _known.GetValueOrDefault(uid) as AttemptStarted;
        if (running is not null) EndWith(running, 143);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AttemptStatus>> AdoptAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation) => ListAsync(cancellation);

    /// <inheritdoc/>
    public Task AcknowledgeCheckpointAsync(AttemptKey attempt, Guid uid, long number, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<AttemptStatus>> ListAsync(CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult<IReadOnlyList<AttemptStatus>>([.. _known.Values.OrderBy(status => status.Attempt)]);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(AttemptKey attempt, Guid uid, CancellationToken cancellation)
    {
        lock (_lock) _known.Remove(uid);
        return Task.CompletedTask;
    }

    /// <summary>Observations, each for one of those who read.</summary>
    /// <remarks>No channel: that comes back on the thread pool, and in the simulation there is none.</remarks>
    public async IAsyncEnumerable<AttemptStatus> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            AttemptStatus? next;
            lock (_lock)
                if (!_told.TryDequeue(out next)) _readers.Add(more);

            if (next is not null)
            {
                yield return next;
                continue;
            }

            using var registration = cancellation.Register(() => more.TrySetCanceled(cancellation));
            await more.Task;
        }
    }

    private static AttemptStatus? End(AttemptPlan plan, AttemptStarted started, DateTimeOffset now) => plan.Command switch
    {
        ["ok"] => Exit(started, 0, now),
        ["exit", var code] => Exit(started, Number(code), now),
        ["until", var epoch] => Exit(started, plan.Key.Epoch < Number(epoch) ? 1 : 0, now),
        ["lost", var epoch] when plan.Key.Epoch < Number(epoch) => new AttemptLost(plan.Key, plan.Uid, now, AttemptCause.NodeLost, "its node is gone", null),
        ["lost", _] => Exit(started, 0, now),
        ["xcom", var key, var json] => Exit(started, 0, now, new StagedOutputs([], new Dictionary<string, string> { [key] = json })),
        ["wait"] => null,
        var other => throw new LaunchException($"'{string.Join(' ', other)}' is no script") { Permanent = true },
    };

    private static AttemptExited Exit(AttemptStarted started, int code, DateTimeOffset now, StagedOutputs? outputs = null)
    {
        var exit = new ExitReport { ExitCode = code, At = now, Outputs = code == 0 ? outputs ?? StagedOutputs.None : null };
        return new AttemptExited(started.Attempt, started.Uid, started.At, started.Node, exit);
    }

    private void EndWith(AttemptStarted started, int exitCode)
    {
        var exited = Exit(started, exitCode, Now());
        lock (_lock) _known[started.Uid] = exited;
        Tell(exited);
    }

    private void Tell(AttemptStatus status)
    {
        List<TaskCompletionSource> readers;
        lock (_lock)
        {
            for (var i = 0; i < Repeats; i++) _told.Enqueue(status);
            (readers, _readers) = (_readers, []);
        }

        foreach (var reader in readers) reader.TrySetResult();
    }

    // What a store keeps is exact to the microsecond.
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
