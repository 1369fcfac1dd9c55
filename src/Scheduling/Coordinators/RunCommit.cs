using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>
/// Turns what a run decided into rows, a chunk at a time: ready instances become queued with their first attempt while limits have
/// room, and scheduled beyond that.
/// </summary>
internal sealed class RunCommit(SchedulingServices services, RunFrame frame, DateTimeOffset now)
{
    private readonly Dictionary<string, int> _room = new(StringComparer.Ordinal);

    /// <summary>Some limit turned out to have less room: the ready instances are divided anew.</summary>
    public void Learn(LimitCounter limit) => _room[limit.Key] = Math.Min(limit.Free, _room.GetValueOrDefault(limit.Key, int.MaxValue));

    /// <summary>Instances as they will be stored: those that finish without running, then the ready ones, most urgent first.</summary>
    public IReadOnlyList<PlannedTask> Plan(IReadOnlyList<TaskInstance> settled, IReadOnlyList<TaskInstance> ready)
    {
        var room = new Dictionary<string, int>(_room, StringComparer.Ordinal);
        var planned = settled.Select(task => task with { Version = task.Version + 1 })
            .Select(task => new PlannedTask(task, null, [], [TaskWrites.History(frame.Graph.Spec.Id, task, now)])).ToList();
        foreach (var task in ready.OrderByDescending(task => task.Priority))
            planned.Add(Take(task, room) is { } full ? Schedule(task, full) : Queue(task));
        return planned;
    }

    /// <summary>What is to be done once a chunk is durable; each by itself, whatever becomes of the others. Timers are set at once.</summary>
    public IEnumerable<Func<Task>> Follow(IReadOnlyList<PlannedTask> chunk)
    {
        foreach (var planned in chunk.Where(planned => planned.Row.WakeAt is not null))
            services.WakeUps.Set(RowKey.Of(planned.Row.Key), planned.Row.WakeAt, planned.Row.Version);
        var dispatches = chunk.Where(planned => planned.Attempt is not null).Select(planned => (Func<Task>)(() =>
            services.Peers.Task(planned.Row.Key).DispatchAsync(new Dispatch(planned.Row, planned.Attempt!), services.Stopping)));
        var waits = chunk.Where(planned => planned.Row.State == TaskState.Scheduled).GroupBy(planned => planned.Row.Pool).Select(pool => (Func<Task>)(() =>
            services.Peers.Pool(pool.Key).WaitAsync(new WaitForSlots([.. pool.Select(planned => WaiterOf(planned.Row))]), services.Stopping)));
        return dispatches.Concat(waits);
    }

    /// <summary>The run's row with the last chunk: as it is, or ended.</summary>
    public static DagRun Ended(DagRun run, RunStep step, DateTimeOffset now) => step.End is not { } end ? run : run with
    {
        State = end,
        Detail = step.Detail,
        EndedAt = now,
        WakeAt = null,
        Unreported = true,
    };

    /// <summary>What the run itself takes and gives back with the last chunk.</summary>
    public static IEnumerable<LimitDelta> RunLimits(DagRun run, DagRun? started)
    {
        if (started is not null) yield return new LimitDelta(LimitKeys.Dag(run.Dag), 1);
        if (run.State.IsFinished()) yield return new LimitDelta(LimitKeys.Dag(run.Dag), -1);
    }

    private string? Take(TaskInstance task, Dictionary<string, int> room)
    {
        var taken = TaskLimits.Of(frame.Graph.Spec, SpecOf(task), task).Where(delta => room.ContainsKey(delta.Key)).ToArray();
        foreach (var delta in taken)
            if (room[delta.Key] < delta.Amount) return delta.Key;
        foreach (var delta in taken) room[delta.Key] -= delta.Amount;
        return null;
    }

    private PlannedTask Queue(TaskInstance task)
    {
        var context = new TaskContext(frame.Header.Dag, SpecOf(task), frame.Header.LogicalDate, now, services.NewGuid());
        var step = TaskMachine.AdmitReady(task, context);
        var (row, writes) = TaskWrites.Of(frame, task.Version, step, now, services.NewGuid);
        return new PlannedTask(row, step.Live, [.. TaskLimits.Of(frame.Graph.Spec, SpecOf(task), task)], [.. writes.Where(write => write is not PutTask)]);
    }

    private PlannedTask Schedule(TaskInstance task, string limit)
    {
        var row = task with
        {
            State = TaskState.Scheduled,
            Reason = TaskLimits.ReasonOf(limit),
            Detail = TaskLimits.Explain(limit),
            ScheduledAt = now,
            WakeAt = now + SpecOf(task).QueuedTimeout,
            Version = task.Version + 1,
        };
        return new PlannedTask(row, null, [], [TaskWrites.History(frame.Graph.Spec.Id, row, now)]);
    }

    private Waiter WaiterOf(TaskInstance row) => new(row.Key, frame.Header.Dag, row.Priority, frame.Header.LogicalDate, row.PoolSlots);

    private TaskSpec SpecOf(TaskInstance task) => frame.Graph[frame.Graph.IndexOf(task.Key.Task)];
}

/// <summary>An instance as a chunk stores it.</summary>
/// <param name="Row">The row; its version is the one it gets.</param>
/// <param name="Attempt">The attempt that is dispatched with it.</param>
/// <param name="Limits">What it takes of limits.</param>
/// <param name="Beside">What is written beside the row.</param>
internal sealed record PlannedTask(TaskInstance Row, Attempt? Attempt, IReadOnlyList<LimitDelta> Limits, IReadOnlyList<RowWrite> Beside)
{
    /// <summary>All its writes.</summary>
    public IEnumerable<RowWrite> Writes => Beside.Prepend(new PutTask(Row, Row.Version - 1));
}
