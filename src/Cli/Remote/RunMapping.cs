using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Client;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using Wire = OrleansFlow.Contracts.V1;

namespace OrleansFlow.Cli.Remote;

/// <summary>The API's messages about runs as the records that commands show. What only an engine needs is left at its default.</summary>
internal static class RunMapping
{
    public static RunDetail Detail(Wire.Run run, IEnumerable<Wire.TaskInstance> tasks, RemoteLogs logs)
    {
        var all = tasks.ToList();
        logs.Learn(all.SelectMany(task => task.Attempts));
        return Detail(Run(run), all.Select(Detail));
    }

    public static RunDetail Detail(DagRun run, IEnumerable<TaskDetail> tasks)
    {
        var sorted = tasks.ToList();
        sorted.Sort((one, other) => one.Task.Key.CompareTo(other.Task.Key));
        return new RunDetail(run, [.. sorted.Select(task => task.Task)], [.. sorted.SelectMany(task => task.Attempts)], [.. sorted.SelectMany(task => task.Artifacts)])
        {
            Progress = sorted.Where(task => task.Progress is not null).ToDictionary(task => task.Task.Key, task => task.Progress!),
        };
    }

    public static TaskDetail Detail(Wire.TaskInstance task) => new(
        Task(task),
        Attempts(task),
        [.. task.Artifacts.Select(Artifact).OrderBy(artifact => artifact.Name, StringComparer.Ordinal)])
    {
        Progress = task.Progress is { } told ? Progress(told) : null,
    };

    private static List<Attempt> Attempts(Wire.TaskInstance task)
    {
        var attempts = task.Attempts.Select(Attempt).ToList();
        attempts.Sort((one, other) => one.Key.CompareTo(other.Key));
        return attempts;
    }

    public static RunSummary Summary(Wire.Run run) => new(
        Run(run), run.TaskCounts.ToDictionary(count => Member<TaskState>((int)count.State), count => count.Count));

    public static DagRun Run(Wire.Run run) => new()
    {
        Id = ResourceNames.Run(run.Name),
        Dag = ResourceNames.Dag(run.Dag),
        VersionHash = ResourceNames.Version(run.DagVersion) ?? "",
        Version = run.Version,
        Kind = Member<RunKind>((int)run.Kind),
        State = Member<RunState>((int)run.State),
        Detail = Text(run.Detail),
        LogicalDate = At(run.LogicalDate) ?? default,
        DataIntervalStart = At(run.DataIntervalStart) ?? default,
        DataIntervalEnd = At(run.DataIntervalEnd) ?? default,
        Params = Json(run.Params) ?? "{}",
        SourceFile = Text(run.SourcePath),
        CreatedAt = At(run.CreateTime) ?? default,
        StartedAt = At(run.StartTime),
        EndedAt = At(run.EndTime),
        CancelRequested = run.CancelRequested,
        TimedOut = run.TimedOut,
    };

    public static TaskInstance Task(Wire.TaskInstance task) => new()
    {
        Key = ResourceNames.Task(task.Name),
        Version = task.Version,
        State = Member<TaskState>((int)task.State),
        Reason = Member<TaskReason>((int)task.Reason),
        Detail = Text(task.Detail),
        Epoch = task.Epoch,
        RetriesUsed = task.RetriesUsed,
        InfraRetriesUsed = task.InfraRetriesUsed,
        LaunchRetriesUsed = task.LaunchRetriesUsed,
        UnknownRetriesUsed = task.UnknownRetriesUsed,
        ScheduledAt = At(task.ScheduleTime),
        StartedAt = At(task.StartTime),
        EndedAt = At(task.EndTime),
        WakeAt = At(task.WakeTime),
        Pool = task.Pool.Length == 0 ? "default" : ResourceNames.Pool(task.Pool),
        PoolSlots = task.PoolSlots,
        Priority = task.Priority,
        MapItem = Json(task.MapItem),
    };

    public static Attempt Attempt(Wire.Attempt attempt) => new()
    {
        Key = ResourceNames.Attempt(attempt.Name),
        Uid = Guid.Empty,
        State = Member<AttemptState>((int)attempt.State),
        Cause = attempt.Cause == Wire.AttemptCause.Unspecified ? null : Member<AttemptCause>((int)attempt.Cause),
        ExitCode = attempt.HasExitCode ? attempt.ExitCode : null,
        Stop = attempt.Stop == Wire.StopReason.Unspecified ? null : Member<StopReason>((int)attempt.Stop),
        CreatedAt = At(attempt.CreateTime) ?? default,
        StartedAt = At(attempt.StartTime),
        EndedAt = At(attempt.EndTime),
        Backend = Text(attempt.Backend),
        Node = Text(attempt.Node),
        Checkpoint = attempt.HasCheckpoint ? attempt.Checkpoint : null,
        Evidence = Json(attempt.Evidence),
    };

    public static HistoryEntry Entry(Wire.HistoryEvent happened) => new(happened.Sequence, new HistoryEvent
    {
        At = At(happened.EventTime) ?? default,
        Dag = ResourceNames.Dag(happened.Dag),
        Run = happened.Run.Length == 0 ? null : ResourceNames.Run(happened.Run),
        Task = happened.TaskId.Length == 0 ? null : new TaskId(happened.TaskId),
        MapIndex = happened.HasMapIndex ? happened.MapIndex : TaskKey.NotMapped,
        Epoch = happened.Epoch,
        Kind = happened.Kind,
        Reason = Text(happened.Reason),
        Detail = Text(happened.Detail),
        Actor = Text(happened.Actor),
        Address = Text(happened.Address),
        RequestId = Text(happened.RequestId),
    });

    /// <summary>A version; one that came in a list has no specification.</summary>
    public static DagVersion Version(Wire.DagVersion version, DagId dag) => new()
    {
        Hash = ResourceNames.Version(version.Name) ?? "",
        Dag = dag,
        Spec = version.SpecJson,
        CreatedAt = At(version.CreateTime) ?? default,
    };

    public static DagHead Head(Wire.Dag dag) => new()
    {
        Id = ResourceNames.Dag(dag.Name),
        CurrentHash = ResourceNames.Version(dag.CurrentVersion),
        SourceFile = Text(dag.SourcePath),
        Paused = dag.Paused,
        LastLogicalDate = At(dag.LastLogicalDate),
        WakeAt = At(dag.NextFireTime),
    };

    public static DagSummary Summary(Wire.Dag dag) => new(
        Head(dag),
        dag.RunCounts.ToDictionary(count => Member<RunState>((int)count.State), count => count.Count),
        dag.LastRun is { } run ? Run(run) : null);

    public static DateTimeOffset? At(Timestamp? time) => time?.ToDateTimeOffset();

    public static string? Text(string text) => text.Length == 0 ? null : text;

    private static TaskProgress Progress(Wire.TaskProgress progress) =>
        new(progress.HasFraction ? progress.Fraction : null, progress.Message, At(progress.UpdateTime) ?? default);

    private static Artifact Artifact(Wire.Artifact artifact) => new(
        ResourceNames.Task(artifact.Name), artifact.Path, artifact.Epoch, artifact.SizeBytes, artifact.Sha256, artifact.Uri);

    private static string? Json(Struct? value) => value switch
    {
        null => null,
        { Fields.Count: 0 } => "{}",
        _ => CanonicalJson.Write(writer => StructJson.Write(writer, value)),
    };

    private static string? Json(Value? value) => value is null ? null : CanonicalJson.Write(writer => StructJson.Write(writer, value));

    /// <summary>Numbers of the API and of the domain are the same; a test compares the names.</summary>
    private static T Member<T>(int number) where T : struct, System.Enum
    {
        var value = (T)System.Enum.ToObject(typeof(T), number);
        return System.Enum.IsDefined(value) ? value : throw new CliException(
            ExitCode.Unavailable, $"the server knows a {typeof(T).Name} ({number}) that this flow does not know: it is newer; update flow");
    }
}
