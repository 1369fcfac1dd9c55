using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Documents;

/// <summary>A run with all that belongs to it: <c>flow runs show</c>, and the last word of <c>flow run</c>.</summary>
/// <param name="Run">The run.</param>
/// <param name="Tasks">Its task instances.</param>
internal sealed record RunDocument(DagRun Run, IReadOnlyList<TaskDocument> Tasks)
{
    public static readonly Shape<RunDocument> Shape = new Shape<RunDocument>()
        .Text("dag", r => r.Run.Dag.Value, "DAG")
        .Text("run", r => r.Run.Id.Value, "RUN")
        .Name("state", r => (RunState?)r.Run.State, "STATE")
        .Text("detail", r => r.Run.Detail, "DETAIL")
        .Instant("logicalDate", r => r.Run.LogicalDate, "LOGICAL DATE")
        .Instant("startedAt", r => r.Run.StartedAt, "STARTED")
        .Instant("endedAt", r => r.Run.EndedAt, "ENDED")
        .Column("DURATION", r => Words.Duration(r.Run.StartedAt, r.Run.EndedAt))
        .Column("PARAMS", r => r.Run.Params is "{}" ? null : r.Run.Params)
        .List("tasks", r => r.Tasks, TaskDocument.Shape, "TASKS");

    /// <summary>The document of a read model; tasks in the order in which they came to run, those that did not last.</summary>
    public static RunDocument Of(RunDetail detail)
    {
        var tasks = detail.ByTask()
            .OrderBy(t => t.Task.StartedAt ?? t.Task.ScheduledAt ?? DateTimeOffset.MaxValue)
            .ThenBy(t => t.Task.Key)
            .Select(t => new TaskDocument(t.Task, t.Attempts, t.Artifacts) { Progress = t.Progress });
        return new RunDocument(detail.Run, [.. tasks]);
    }
}

/// <summary>A task instance with its attempts and what it published.</summary>
/// <param name="Task">The task instance.</param>
/// <param name="Attempts">Its attempts, oldest first.</param>
/// <param name="Artifacts">What it published.</param>
internal sealed record TaskDocument(TaskInstance Task, IReadOnlyList<Attempt> Attempts, IReadOnlyList<Artifact> Artifacts)
{
    public static readonly Shape<TaskDocument> Shape = new Shape<TaskDocument>()
        .Text("task", t => t.Task.Key.Task.Value)
        .Number("mapIndex", t => MapIndex(t.Task.Key))
        .Column("TASK", t => TaskName.Of(t.Task.Key))
        .Name("state", t => (TaskState?)t.Task.State, "STATE")
        .Name("reason", t => (TaskReason?)t.Task.Reason, "REASON")
        .Number("retriesUsed", t => t.Task.RetriesUsed)
        .Number("infraRetriesUsed", t => t.Task.InfraRetriesUsed)
        .List("attempts", t => t.Attempts, AttemptDocument.Shape)
        .List("artifacts", t => t.Artifacts, ArtifactDocument.Shape)
        .Column("ATTEMPTS", t => Words.Whole(t.Attempts.Count), right: true)
        .Column("DURATION", t => Words.Duration(t.Task.StartedAt, t.Task.EndedAt), right: true)
        .Column("OUTPUTS", t => t.Artifacts.Count == 0 ? null : Words.Count(t.Artifacts.Count, "file"))
        .Json("progress", t => ProgressJson(t.Progress))
        .Column("PROGRESS", t => t.Progress?.ToString());

    /// <summary>How far it says it is; null when it has not said.</summary>
    public TaskProgress? Progress { get; init; }

    /// <summary>The same as a read model.</summary>
    public TaskDetail Detail => new(Task, Attempts, Artifacts) { Progress = Progress };

    /// <summary>The progress as one JSON object; null for none.</summary>
    public static string? ProgressJson(TaskProgress? progress) => progress is null ? null
        : new System.Text.Json.Nodes.JsonObject
        {
            ["fraction"] = progress.Fraction,
            ["message"] = progress.Message,
            ["at"] = Words.Iso(progress.At),
        }.ToJsonString();

    /// <summary>The index of an element; null for a task that is not mapped.</summary>
    public static long? MapIndex(TaskKey key) => key.IsMapped ? key.MapIndex : null;
}

/// <summary>The description of an attempt.</summary>
internal static class AttemptDocument
{
    public static readonly Shape<Attempt> Shape = new Shape<Attempt>()
        .Number("epoch", a => a.Key.Epoch, "ATTEMPT")
        .Name("state", a => (AttemptState?)a.State, "STATE")
        .Name("cause", a => a.Cause, "CAUSE")
        .Number("exitCode", a => a.ExitCode, "EXIT")
        .Instant("startedAt", a => a.StartedAt, "STARTED")
        .Instant("endedAt", a => a.EndedAt, "ENDED")
        .Column("DURATION", a => Words.Duration(a.StartedAt, a.EndedAt), right: true)
        .Text("backend", a => a.Backend, "BACKEND")
        .Text("node", a => a.Node, "NODE")
        .Json("evidence", a => a.Evidence);
}

/// <summary>The description of a published file.</summary>
internal static class ArtifactDocument
{
    public static readonly Shape<Artifact> Shape = new Shape<Artifact>()
        .Text("name", a => a.Name, "NAME")
        .Size("size", a => a.Size, "SIZE")
        .Text("sha256", a => a.Sha256)
        .Text("uri", a => a.Uri, "URI");
}

/// <summary>A published file that was written somewhere.</summary>
/// <param name="Artifact">What it is.</param>
/// <param name="File">Where it is now.</param>
internal sealed record DownloadedFile(Artifact Artifact, string File)
{
    public static readonly Shape<DownloadedFile> Shape = new Shape<DownloadedFile>()
        .Text("name", d => d.Artifact.Name, "NAME")
        .Size("size", d => d.Artifact.Size, "SIZE")
        .Text("sha256", d => d.Artifact.Sha256)
        .Text("file", d => d.File, "FILE");
}

/// <summary>How people name a task instance: <c>task</c> or <c>task[3]</c>.</summary>
internal static class TaskName
{
    public static string Of(TaskKey key) => key.Label;

    public static string Of(TaskId task, int mapIndex) => new TaskKey(default, task, mapIndex).Label;
}
