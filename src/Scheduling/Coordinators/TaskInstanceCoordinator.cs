using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>A task instance from its admission to its end: asks <see cref="TaskMachine"/>, commits, launches, stops, reports.</summary>
public sealed class TaskInstanceCoordinator : Coordinator, ITaskInstance
{
    private readonly TaskKey _key;
    private readonly AttemptLauncher _launcher;
    private RunFrame? _frame;
    private TaskAggregate? _state;
    private bool _inDoubt;
    private bool _current;

    /// <summary>Creates the coordinator; it loads nothing yet.</summary>
    public TaskInstanceCoordinator(SchedulingServices services, TaskKey key)
        : base(services, RowKey.Of(key))
    {
        _key = key;
        _launcher = new AttemptLauncher(services);
    }

    /// <inheritdoc/>
    public override bool IsFinished => _state is null || _state.Row.State.IsFinished();

    /// <inheritdoc/>
    protected override bool IsLoaded => _state is not null;

    private TaskSpec Spec => _frame!.Graph[_frame.Graph.IndexOf(_key.Task)];

    /// <inheritdoc/>
    public Task DispatchAsync(Dispatch message, CancellationToken cancellation)
    {
        // The message carries the row as committed: an instance that is not in memory need not be loaded for it.
        if (IsIdle && !IsLoaded) (_state, _current) = (new TaskAggregate(message.Task, message.Attempt), true);
        return TellAsync(message, cancellation);
    }

    /// <inheritdoc/>
    public Task<AdmitReply> AdmitAsync(Admit message, CancellationToken cancellation) => AskAsync<AdmitReply>(message, cancellation);

    /// <inheritdoc/>
    public Task ObserveAsync(AttemptStatus message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    public Task CancelAsync(CancelTask message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    public Task WakeAsync(Wake message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    protected override void Unload()
    {
        _state = null;
        _inDoubt = true;
    }

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        var row = await ReadRowAsync(cancellation);
        while (true)
        {
            var attempts = row.State.IsFinished() || row.Epoch == 0 ? [] : await Services.Reader.ReadAttemptsAsync(_key, cancellation);
            var again = attempts.Count == 0 ? row : await ReadRowAsync(cancellation);

            // Two reads are no snapshot: with another activation's commit between them they would contradict each other.
            if (again.Version == row.Version)
            {
                (_state, _current) = (new TaskAggregate(row, attempts.LastOrDefault(attempt => !attempt.State.IsFinished())), true);
                return;
            }

            row = again;
        }
    }

    private async Task<TaskInstance> ReadRowAsync(CancellationToken cancellation) =>
        await Services.Reader.ReadTaskAsync(_key, cancellation) ?? throw new InvalidOperationException($"there is no task instance {_key}");

    /// <inheritdoc/>
    protected override async Task ProcessAsync(IReadOnlyList<Envelope> messages, CancellationToken cancellation)
    {
        _frame ??= await Services.Catalog.FindAsync(_key.Run, cancellation)
            ?? throw new InvalidOperationException($"there is no run {_key.Run}");
        if (messages.Any(message => IsNewer(message.Message) || MayLaunchAgain(message.Message))) await LoadAsync(cancellation);
        _current = false;

        var before = _state!;
        var now = Services.Now;
        var step = TaskStep.Nothing(before);
        var saved = messages.Any(message => message.Message is CheckpointSaved)
            ? (await Services.Reader.ReadCheckpointAsync(_key, cancellation))?.Number
            : null;
        var cancelled = messages.Any(message => message.Message is CancelTask) && !before.Row.State.IsFinished() && await IsRunBeingCancelledAsync(cancellation);
        foreach (var message in messages)
            if (message.Message is not CancelTask || cancelled) step = Fold(step, message.Message, saved, now);

        // An instance that waits for room tries to get in whenever it is looked at; if there is none, it says so.
        var blocked = step.Task.State == TaskState.Scheduled && messages.Any(message => message.Message is Admit or Wake)
            ? await TryAdmitAsync(before, step, now, cancellation)
            : await SaveAsync(before, step, now, cancellation);
        foreach (var message in messages)
            if (message.Message is Admit) message.Complete(new AdmitReply(blocked));
        if (_inDoubt) FollowAfterDoubt();
    }

    // A late word of a cancel is not for an instance that was cleared since: no run is cleared while it is being cancelled.
    private async Task<bool> IsRunBeingCancelledAsync(CancellationToken cancellation)
    {
        if (await Services.Reader.ReadRunAsync(_key.Run, cancellation) is { CancelRequested: true, State: RunState.Running }) return true;
        Services.Observer.Stale(_key.ToString(), nameof(CancelTask));
        return false;
    }

    // A commit whose outcome was unknown may have been ours: nothing of what follows from it has been done.
    private void FollowAfterDoubt()
    {
        _inDoubt = false;
        foreach (var effect in PendingEffects(_state!)) Start(() => DoAsync(effect));
        Services.WakeUps.Set(Anchor, _state!.Row.WakeAt, _state.Row.Version);
        Start(() => Services.Peers.Pool(_state!.Row.Pool).ReleasedAsync(new SlotsReleased(0), Services.Stopping));
    }

    private bool IsNewer(object message) => message switch
    {
        Dispatch dispatch => dispatch.Task.Version > _state!.Row.Version,
        Wake wake => wake.Version > _state!.Row.Version,
        AttemptStatus status => status.Attempt.Epoch > _state!.Row.Epoch,
        _ => false,
    };

    private IEnumerable<TaskEffect> PendingEffects(TaskAggregate state) =>
        TaskMachine.PendingEffects(state).Where(effect => !LostToAnother || effect is not LaunchAttempt);

    // Another activation may have seen the end of what this one would launch again.
    private bool MayLaunchAgain(object message) =>
        !_current && message is (Dispatch or Wake) && _state!.Live is { State: AttemptState.Dispatching };

    private TaskStep Fold(TaskStep step, object message, long? saved, DateTimeOffset now)
    {
        var @event = message switch
        {
            AttemptStatus status => EventOf(status, saved),
            LaunchRefused refused => refused,
            CancelTask cancel => new CancelRequested(cancel.Reason),
            Wake => new Due(),
            _ => (TaskEvent?)null,
        };
        var next = @event is null ? TaskStep.Nothing(step.After) : TaskMachine.Decide(step.After, @event, Context(now));
        if (next.Verdict == Verdict.Stale) Services.Observer.Stale(_key.ToString(), @event!.GetType().Name);
        if (next.Verdict == Verdict.Illegal) Services.Observer.Illegal(_key.ToString(), $"{@event} in {step.Task.State}");

        // A dispatch, a wake after a restart or a repeated word: do again what the state still asks for.
        if (message is Dispatch or Wake && next.Verdict == Verdict.Unchanged)
            next = next with { Effects = [.. next.Effects, .. PendingEffects(step.After)] };
        return TaskStep.Join(step, next);
    }

    private async Task<string?> TryAdmitAsync(TaskAggregate before, TaskStep step, DateTimeOffset now, CancellationToken cancellation)
    {
        var admitted = TaskStep.Join(step, TaskMachine.Decide(step.After, new Admitted(), Context(now)));
        if (await CommitAsync(before, admitted, now, cancellation) is not { } limit) return null;
        var refused = new Refused(TaskLimits.ReasonOf(limit.Key), TaskLimits.Explain(limit.Key));
        await SaveAsync(before, TaskStep.Join(step, TaskMachine.Decide(step.After, refused, Context(now))), now, cancellation);
        if (before.Row.State != TaskState.Scheduled) Wait();
        return limit.Key;
    }

    private async Task<string?> SaveAsync(TaskAggregate before, TaskStep step, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await CommitAsync(before, step, now, cancellation) is { } limit)
            throw new RejectedException($"{_key}: a step that takes no slots was refused by {limit.Key}");
        return null;
    }

    private async Task<LimitCounter?> CommitAsync(TaskAggregate before, TaskStep step, DateTimeOffset now, CancellationToken cancellation)
    {
        if (step.Verdict == Verdict.Changed)
        {
            var (row, writes) = TaskWrites.Of(_frame!, before.Row.Version, step, now, Services.NewGuid);
            var limits = TaskLimits.Change(_frame!.Graph.Spec, Spec, before.Row, row);
            var full = await CommitAsync(new Step { Anchor = Anchor, Writes = writes, Limits = limits }, cancellation);
            if (full is not null) return full;
            _state = new TaskAggregate(row, step.Live);
            Follow(before.Row, row);
        }

        foreach (var effect in step.Effects) Start(() => DoAsync(effect));
        return null;
    }

    // What follows from a committed change of the row, whatever event caused it.
    private void Follow(TaskInstance before, TaskInstance row)
    {
        if (before.WakeAt != row.WakeAt || row.WakeAt is not null) Services.WakeUps.Set(Anchor, row.WakeAt, row.Version);
        if (before.State.HoldsLimits() && !row.State.HoldsLimits())
            Start(() => Services.Peers.Pool(row.Pool).ReleasedAsync(new SlotsReleased(row.PoolSlots), Services.Stopping));
        if (row.Unreported)
            Start(() => Services.Peers.Run(_key.Run).TaskFinishedAsync(
                new TaskFinished(_key, row.State, row.Epoch, row.Version), Services.Stopping));
    }

    private void Wait()
    {
        var row = _state!.Row;
        var waiter = new Waiter(_key, _frame!.Header.Dag, row.Priority, _frame.Header.LogicalDate, row.PoolSlots);
        Start(() => Services.Peers.Pool(row.Pool).WaitAsync(new WaitForSlots([waiter]), Services.Stopping));
    }

    private Task DoAsync(TaskEffect effect) => effect switch
    {
        LaunchAttempt launch => LaunchAsync(launch.Attempt),
        StopAttempt stop => Services.Backend.StopAsync(stop.Attempt.Key, stop.Attempt.Uid, stop.Reason, Spec.GracePeriod, Services.Stopping),
        ReleaseAttempt release => Services.Backend.ReleaseAsync(release.Attempt.Key, release.Attempt.Uid, Services.Stopping),
        AcknowledgeCheckpoint saved => Services.Backend.AcknowledgeCheckpointAsync(saved.Attempt.Key, saved.Attempt.Uid, saved.Number, Services.Stopping),
        _ => Task.CompletedTask,
    };

    private async Task LaunchAsync(Attempt attempt)
    {
        var answer = await _launcher.LaunchAsync(_frame!, Spec, _state?.Row ?? throw new StaleStateException(null), attempt);
        if (answer is not null) await TellAsync(answer, Services.Stopping);
    }

    private TaskEvent EventOf(AttemptStatus status, long? last) => status switch
    {
        AttemptPending pending => new Pending(pending.Attempt.Epoch, pending.Uid, pending.Detail),
        AttemptStarted started =>
            new Started(started.Attempt.Epoch, started.Uid, started.At, Services.Backend.Name, started.Node, started.Evidence),
        AttemptExited exited =>
            new Exited(exited.Attempt.Epoch, exited.Uid, exited.StartedAt, Services.Backend.Name, exited.Node, exited.Exit),
        AttemptLost lost => new Lost(lost.Attempt.Epoch, lost.Uid, lost.At, lost.Cause, lost.Detail, lost.Evidence),
        CheckpointSaved saved => new CheckpointStored(saved.Attempt.Epoch, saved.Uid, saved.Number, saved.Uri, last),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "no such status"),
    };

    private TaskContext Context(DateTimeOffset now) => new(_frame!.Header.Dag, Spec, _frame.Header.LogicalDate, now, Services.NewGuid());
}
