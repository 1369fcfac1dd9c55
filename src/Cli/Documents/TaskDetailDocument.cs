using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Cli.Documents;

/// <summary>All that is known of one task instance: <c>flow tasks show</c>.</summary>
/// <param name="Task">The task instance with its attempts and outputs.</param>
/// <param name="Logs">Where the log of each attempt lies.</param>
internal sealed record TaskDetailDocument(TaskDocument Task, IReadOnlyList<LogPlace> Logs)
{
    public static readonly Shape<TaskDetailDocument> Shape = new Shape<TaskDetailDocument>()
        .Text("run", t => t.Row.Key.Run.Value, "RUN")
        .Text("task", t => t.Row.Key.Task.Value)
        .Number("mapIndex", t => TaskDocument.MapIndex(t.Row.Key))
        .Column("TASK", t => TaskName.Of(t.Row.Key))
        .Json("mapItem", t => t.Row.MapItem)
        .Column("MAP ITEM", t => t.Row.MapItem)
        .Name("state", t => (TaskState?)t.Row.State, "STATE")
        .Name("reason", t => (TaskReason?)t.Row.Reason, "REASON")
        .Text("detail", t => t.Row.Detail, "DETAIL")
        .Json("progress", t => TaskDocument.ProgressJson(t.Task.Progress))
        .Column("PROGRESS", t => t.Task.Progress?.ToString())
        .Instant("scheduledAt", t => t.Row.ScheduledAt, "SCHEDULED")
        .Instant("startedAt", t => t.Row.StartedAt, "STARTED")
        .Instant("endedAt", t => t.Row.EndedAt, "ENDED")
        .Column("DURATION", t => Words.Duration(t.Row.StartedAt, t.Row.EndedAt))
        .Instant("wakeAt", t => t.Row.WakeAt, "NEXT LOOK")
        .Number("retriesUsed", t => t.Row.RetriesUsed, "RETRIES USED")
        .Number("infraRetriesUsed", t => t.Row.InfraRetriesUsed, "INFRA RETRIES USED")
        .Number("launchRetriesUsed", t => t.Row.LaunchRetriesUsed)
        .Text("pool", t => t.Row.Pool, "POOL")
        .Number("poolSlots", t => t.Row.PoolSlots)
        .Number("priority", t => t.Row.Priority, "PRIORITY")
        .List("attempts", t => t.Task.Attempts, AttemptDocument.Shape, "ATTEMPTS")
        .List("artifacts", t => t.Task.Artifacts, ArtifactDocument.Shape, "OUTPUTS")
        .List("logs", t => t.Logs, LogPlace.Shape, "LOGS");

    private TaskInstance Row => Task.Task;
}

/// <summary>Where the log of an attempt lies.</summary>
/// <param name="Epoch">The attempt.</param>
/// <param name="Uri">A path or an address.</param>
internal sealed record LogPlace(int Epoch, string Uri)
{
    public static readonly Shape<LogPlace> Shape = new Shape<LogPlace>()
        .Number("epoch", l => l.Epoch, "ATTEMPT")
        .Text("uri", l => l.Uri, "LOG");
}
