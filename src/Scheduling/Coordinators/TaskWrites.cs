using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Callbacks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>What a step of a task machine writes.</summary>
internal static class TaskWrites
{
    /// <summary>The rows of a step; the instance's row gets the next version.</summary>
    /// <param name="frame">Run and DAG.</param>
    /// <param name="expected">The version that the row must have; 0 inserts it.</param>
    /// <param name="step">The step.</param>
    /// <param name="now">The time, for the history.</param>
    /// <param name="newGuid">Names outbox items.</param>
    public static (TaskInstance Row, List<RowWrite> Writes) Of(
        Hosting.RunFrame frame, long expected, TaskStep step, DateTimeOffset now, Func<Guid> newGuid)
    {
        var row = step.Task with { Version = expected + 1 };
        var writes = new List<RowWrite> { new PutTask(row, expected) };
        writes.AddRange(step.Attempts.Select(attempt => new PutAttempt(attempt)));
        writes.AddRange(step.Trail.Select((transition, i) => PassedThrough(step.Trail, i) ? transition with { Reason = null } : transition).Select(transition => new AddHistory(History(frame.Graph.Spec.Id, row, transition, now))));
        if (step.Checkpoint is { } checkpoint) writes.Add(new PutCheckpoint(checkpoint));
        if (step.Publish is { } outputs)
        {
            if (row.Epoch > 1) writes.Add(new DropPublished(row.Key));
            writes.AddRange(outputs.Files.Select(file =>
                new PutArtifact(new Artifact(row.Key, file.Name, row.Epoch, file.Size, file.Sha256, file.Uri))));
            writes.AddRange(outputs.Xcoms.Select(xcom => new PutXcom(new Xcom(row.Key, xcom.Key, row.Epoch, xcom.Value))));
            writes.AddRange(outputs.LargeXcoms.Select(xcom =>
                new PutXcom(new Xcom(row.Key, xcom.Key, row.Epoch, null, new StoredValue(xcom.Value.Size, xcom.Value.Sha256, xcom.Value.Uri)))));
        }

        writes.AddRange(TaskCallbacks.Of(frame, row, step, now, newGuid).Select(item => new AddOutbox(item)));
        return (row, writes);
    }

    // An instance that is scheduled and queued in one step has waited for nothing, whatever it might have waited for.
    private static bool PassedThrough(IReadOnlyList<Transition> trail, int i) =>
        trail[i].State == TaskState.Scheduled && i + 1 < trail.Count && trail[i + 1].State == TaskState.Queued;

    /// <summary>A line of history for an instance that changed without an attempt.</summary>
    public static AddHistory History(DagId dag, TaskInstance row, DateTimeOffset now) =>
        new(History(dag, row, new Transition(row.State, row.Reason, row.Epoch, row.Detail), now));

    private static HistoryEvent History(DagId dag, TaskInstance row, Transition transition, DateTimeOffset now) => new()
    {
        At = now,
        Dag = dag,
        Run = row.Key.Run,
        Task = row.Key.Task,
        MapIndex = row.Key.MapIndex,
        Epoch = transition.Epoch,
        Kind = Names.Of(transition.State),
        Reason = transition.Reason is { } reason ? Names.Of(reason) : null,
        Detail = transition.Detail,
    };
}
