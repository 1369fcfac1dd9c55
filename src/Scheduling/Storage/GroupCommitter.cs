using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Waiting;

namespace OrleansFlow.Scheduling.Storage;

/// <summary>How steps are gathered into batches.</summary>
public sealed record GroupCommitOptions
{
    /// <summary>How long a batch waits for more steps while steps keep coming. Default 2 ms; an idle writer never waits.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The greatest number of steps of a batch. Default 500.</summary>
    public int MaxSteps { get; init; } = 500;

    /// <summary>The greatest number of writes of a batch, unless one step alone has more. Default 5,000.</summary>
    public int MaxWrites { get; init; } = 5_000;

    /// <summary>How many steps may wait before those who commit must wait too. Default 10,000.</summary>
    public int MaxQueued { get; init; } = 10_000;
}

/// <summary>
/// The one writer of a host: gathers the steps that have arrived into one transaction, drops no step for its neighbours' faults, and
/// tells each caller what became of its own. Thread-safe; <see cref="RunAsync"/> runs once.
/// </summary>
public sealed class GroupCommitter(IBatchExecutor executor, TimeProvider time, IEngineObserver observer, GroupCommitOptions options)
    : IStore
{
    private static readonly StepOutcome s_stopping = new(StepStatus.Unknown, "the host is stopping");
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private readonly LinkedList<Pending> _queue = new();
    private readonly Turnstile _arrived = new(0);
    private readonly Turnstile _room = new(options.MaxQueued);
    private string? _fenced;

    /// <inheritdoc/>
    public async Task<StepOutcome> CommitAsync(Step step, CancellationToken cancellation)
    {
        await _room.PassAsync(cancellation);
        var pending = new Pending(step, time.GetTimestamp());
        lock (_lock) _queue.AddLast(pending);
        _arrived.Release();
        try
        {
            return await pending.Done.OrCancelledAsync(cancellation);
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>Writes until it is cancelled. Steps that wait then are left with an unknown outcome.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var busy = false;
        try
        {
            while (true)
            {
                await _arrived.PassAsync(cancellation);
                _arrived.Drain();
                if (busy && Queued < options.MaxSteps) await Task.Delay(options.Window, time, cancellation);
                var batch = Compose();
                busy = batch.Count > 1 || Queued > 0;
                try
                {
                    if (batch.Count > 0) await WriteAsync(batch, cancellation);
                }
                finally
                {
                    Complete(batch, s_stopping);
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                Complete(_queue, s_stopping);
                _queue.Clear();
            }
        }
    }

    /// <summary>How many steps wait for their batch.</summary>
    public int Queued
    {
        get
        {
            lock (_lock) return _queue.Count;
        }
    }

    // In the order of arrival; a step that puts a row of an earlier one waits for the next batch, and so does all that follows on its rows.
    private List<Pending> Compose()
    {
        var batch = new List<Pending>();
        var rows = new HashSet<RowKey>();
        var writes = 0;
        lock (_lock)
        {
            for (var node = _queue.First; node is not null && batch.Count < options.MaxSteps;)
            {
                var next = node.Next;
                var puts = node.Value.Step.Writes.OfType<PutRow>().Select(put => put.Key).ToArray();
                var fits = batch.Count == 0 || writes + node.Value.Step.Writes.Count <= options.MaxWrites;
                var free = !puts.Any(rows.Contains);
                rows.UnionWith(puts);
                if (fits && free)
                {
                    batch.Add(node.Value);
                    writes += node.Value.Step.Writes.Count;
                    _queue.Remove(node);
                }

                node = fits ? next : null;
            }

            if (_queue.Count > 0) _arrived.Release();
        }

        return batch;
    }

    private async Task WriteAsync(IReadOnlyList<Pending> batch, CancellationToken cancellation)
    {
        for (var failures = 0; ; failures++)
        {
            if (_fenced is not null)
            {
                Complete(batch, new StepOutcome(StepStatus.Fenced, _fenced));
                return;
            }

            var started = time.GetTimestamp();
            try
            {
                var outcomes = await executor.ExecuteAsync([.. batch.Select(pending => pending.Step)], cancellation);
                if (failures > 0) observer.StoreAvailable();
                observer.BatchExecuted(batch.Count, time.GetElapsedTime(started));
                for (var i = 0; i < batch.Count; i++) Settle(batch[i], outcomes[i]);
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw;
            }
            catch (StoreException e) when (e.Failure is StoreFailure.Unavailable or StoreFailure.Contention)
            {
                if (e.Failure == StoreFailure.Unavailable) observer.StoreUnavailable(e.Message);
                await Task.Delay(Pause(failures), time, cancellation);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.OutcomeUnknown)
            {
                Complete(batch, new StepOutcome(StepStatus.Unknown, e.Message));
                return;
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Fenced)
            {
                _fenced = e.Message;
                observer.Fenced(e.Message);
            }
            catch (Exception e)
            {
                await DivideAsync(batch, e, cancellation);
                return;
            }
        }
    }

    // A statement failed: halve until the guilty step stands alone.
    private async Task DivideAsync(IReadOnlyList<Pending> batch, Exception problem, CancellationToken cancellation)
    {
        if (batch.Count > 1)
        {
            var half = batch.Count / 2;
            await WriteAsync([.. batch.Take(half)], cancellation);
            await WriteAsync([.. batch.Skip(half)], cancellation);
            return;
        }

        var unique = problem is StoreException { Failure: StoreFailure.UniqueViolation };
        if (!unique) observer.Defect($"step of {batch[0].Step.Anchor}", problem);
        Complete(batch, new StepOutcome(unique ? StepStatus.Conflict : StepStatus.Rejected, problem.Message));
    }

    private void Complete(IEnumerable<Pending> batch, StepOutcome outcome)
    {
        foreach (var pending in batch) Settle(pending, outcome);
    }

    private void Settle(Pending pending, StepOutcome outcome)
    {
        if (pending.Done.TrySetResult(outcome)) observer.Settled(pending.Step, outcome, time.GetElapsedTime(pending.Since));
    }

    private static TimeSpan Pause(int failures) =>
        failures > 7 ? LongestPause : TimeSpan.FromMilliseconds(Math.Min(LongestPause.TotalMilliseconds, 20 * Math.Pow(2, failures)));

    private sealed class Pending(Step step, long since)
    {
        public Step Step { get; } = step;

        public long Since { get; } = since;

        public TaskCompletionSource<StepOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
