using OrleansFlow.Api.Names;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;
using RunState = OrleansFlow.Domain.Runs.RunState;
using TaskState = OrleansFlow.Domain.Tasks.TaskState;

namespace OrleansFlow.Api.Mapping;

/// <summary>Runs and their history as the API has them.</summary>
internal static class RunMapping
{
    /// <summary>A run without its tasks.</summary>
    public static Run ToProto(this DagRun run, IReadOnlyDictionary<TaskState, int>? counts)
    {
        var proto = new Run
        {
            Name = ResourceNames.Of(run.Id),
            Dag = ResourceNames.Of(run.Dag),
            DagVersion = ResourceNames.OfVersion(run.Dag, run.VersionHash),
            Kind = run.Kind.ToProto(),
            State = run.State.ToProto(),
            Detail = run.Detail ?? "",
            LogicalDate = run.LogicalDate.ToProto(),
            DataIntervalStart = run.DataIntervalStart.ToProto(),
            DataIntervalEnd = run.DataIntervalEnd.ToProto(),
            Params = JsonValues.ToStruct(run.Params),
            SourcePath = run.SourceFile ?? "",
            CreateTime = run.CreatedAt.ToProto(),
            StartTime = run.StartedAt.ToProto(),
            EndTime = run.EndedAt.ToProto(),
            CancelRequested = run.CancelRequested,
            TimedOut = run.TimedOut,
            Version = run.Version,
        };
        if (counts is not null) proto.TaskCounts.AddRange(Counts(counts));
        return proto;
    }

    public static Run ToProto(this RunSummary run) => run.Run.ToProto(run.TasksByState);

    /// <summary>A run with its tasks, in the order in which they came to run.</summary>
    /// <param name="detail">The run.</param>
    /// <param name="logOf">Where the log of an attempt lies.</param>
    public static Run ToProto(this RunDetail detail, Func<AttemptKey, string> logOf)
    {
        var proto = detail.Run.ToProto(detail.Tasks.CountBy(task => task.State).ToDictionary());
        proto.Tasks.AddRange(detail.ByTask()
            .OrderBy(task => task.Task.StartedAt ?? task.Task.ScheduledAt ?? DateTimeOffset.MaxValue)
            .ThenBy(task => task.Task.Key)
            .Select(task => task.ToProto(logOf)));
        return proto;
    }

    public static IEnumerable<TaskStateCount> Counts(IReadOnlyDictionary<TaskState, int> counts) => counts
        .Where(count => count.Value > 0)
        .OrderBy(count => count.Key)
        .Select(count => new TaskStateCount { State = count.Key.ToProto(), Count = count.Value });

    public static IEnumerable<RunStateCount> Counts(IReadOnlyDictionary<RunState, int> counts) => counts
        .Where(count => count.Value > 0)
        .OrderBy(count => count.Key)
        .Select(count => new RunStateCount { State = count.Key.ToProto(), Count = count.Value });

    public static HistoryEvent ToProto(this HistoryEntry entry)
    {
        var line = entry.Event;
        var proto = new HistoryEvent
        {
            Sequence = entry.Sequence,
            EventTime = line.At.ToProto(),
            Dag = line.Dag is { } dag ? ResourceNames.Of(dag) : "",
            Run = line.Run is { } run ? ResourceNames.Of(run) : "",
            TaskInstance = line is { Run: { } of, Task: { } task } ? ResourceNames.Of(new TaskKey(of, task, line.MapIndex)) : "",
            TaskId = line.Task?.Value ?? "",
            Epoch = line.Epoch,
            Kind = line.Kind,
            Reason = line.Reason ?? "",
            Detail = line.Detail ?? "",
            Actor = line.Actor ?? "",
            Address = line.Address ?? "",
            RequestId = line.RequestId ?? "",
        };
        if (line.MapIndex != TaskKey.NotMapped) proto.MapIndex = line.MapIndex;
        return proto;
    }
}
