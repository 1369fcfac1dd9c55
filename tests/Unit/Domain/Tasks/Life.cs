using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks;

/// <summary>The life of one task instance, event by event: keeps the state between decisions, and makes events of the live attempt.</summary>
internal sealed class Life
{
    public static readonly DateTimeOffset Midnight = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly TaskKey Key = new(new RunId("manual-1"), new TaskId("train"));
    private int _uids;

    private Life(TaskSpec spec, TaskInstance row)
    {
        Spec = spec;
        State = new TaskAggregate(row, null);
    }

    public TaskSpec Spec { get; }

    public DateTimeOffset Now { get; set; } = Midnight;

    public TaskAggregate State { get; private set; }

    public TaskInstance Row => State.Row;

    public Attempt Live => State.Live ?? throw new InvalidOperationException("there is no live attempt");

    /// <summary>All attempts as last written, by epoch.</summary>
    public SortedDictionary<int, Attempt> Attempts { get; } = [];

    public TaskContext Context => new(new DagId("credit"), Spec, Midnight, Now, new Guid(++_uids, 0, 0, new byte[8]));

    public static TaskSpec Task(Func<RetryPolicy, RetryPolicy>? retry = null) => new()
    {
        Id = Key.Task,
        Action = new CommandAction(["true"], []),
        Retry = (retry ?? (policy => policy))(RetryPolicy.Default),
    };

    /// <summary>An instance whose dependencies are not met yet.</summary>
    public static Life Waiting(TaskSpec? spec = null) => new(spec ?? Task(), new TaskInstance { Key = Key });

    /// <summary>An instance that waits for room.</summary>
    public static Life Scheduled(TaskSpec? spec = null) => new(spec ?? Task(), new TaskInstance
    {
        Key = Key,
        State = TaskState.Scheduled,
        Reason = TaskReason.PoolFull,
        ScheduledAt = Midnight,
        WakeAt = Midnight + spec?.QueuedTimeout,
    });

    /// <summary>An instance whose first attempt is dispatched.</summary>
    public static Life Queued(TaskSpec? spec = null)
    {
        var life = Scheduled(spec);
        life.Do(new Admitted());
        return life;
    }

    /// <summary>An instance whose first attempt runs.</summary>
    public static Life Running(TaskSpec? spec = null)
    {
        var life = Queued(spec);
        life.Do(life.Started());
        return life;
    }

    public TaskStep Do(TaskEvent @event)
    {
        var step = TaskMachine.Decide(State, @event, Context);
        Keep(step);
        return step;
    }

    public void Keep(TaskStep step)
    {
        State = step.After;
        foreach (var attempt in step.Attempts) Attempts[attempt.Key.Epoch] = attempt;
    }

    public void Later(TimeSpan by) => Now += by;

    public Started Started() => new(Live.Key.Epoch, Live.Uid, Now, "local", "node-1", """{"pid":7}""");

    public Exited Exited(int code, StagedOutputs? outputs = null) => Exited(new ExitReport { ExitCode = code, At = Now, Outputs = outputs });

    public Exited Exited(ExitReport exit) => new(Live.Key.Epoch, Live.Uid, Live.StartedAt ?? Now, "local", "node-1", exit);

    public Lost Lost(AttemptCause cause = AttemptCause.HostLost) => new(Live.Key.Epoch, Live.Uid, Now, cause, "the host died", null);

    public LaunchRefused LaunchRefused(bool permanent = false) =>
        new(Live.Key.Epoch, Live.Uid, "local", TaskReason.LaunchFailed, "no such program", permanent);

    public Pending Pending(string? detail = "no room") => new(Live.Key.Epoch, Live.Uid, detail);

    public CheckpointStored Checkpoint(long number) => new(Live.Key.Epoch, Live.Uid, number, $"file:///checkpoints/{number}");
}
