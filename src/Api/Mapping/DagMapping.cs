using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Names;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Schedules;
using OrleansFlow.Scheduling.Queries;
using DagChange = OrleansFlow.Contracts.V1.DagChange;
using DagVersion = OrleansFlow.Contracts.V1.DagVersion;

namespace OrleansFlow.Api.Mapping;

/// <summary>What lists show of a version: its head data.</summary>
internal sealed record VersionFacts(string? Description, string? Docs, string? Owner, IReadOnlyList<string> Tags, ScheduleSpec? Schedule)
{
    /// <summary>Of a version that is not known.</summary>
    public static readonly VersionFacts None = new(null, null, null, [], null);

    public static VersionFacts Of(DagSpec spec) => new(spec.Description, spec.Docs, spec.Owner, spec.Tags, spec.Schedule);
}

/// <summary>DAGs and versions as the API has them.</summary>
internal static class DagMapping
{
    public static Dag ToProto(this DagSummary dag, VersionFacts facts, bool docs)
    {
        var head = dag.Head;
        var proto = new Dag
        {
            Name = ResourceNames.Of(head.Id),
            Description = facts.Description ?? "",
            Docs = docs ? facts.Docs ?? "" : "",
            Owner = facts.Owner ?? "",
            Paused = head.Paused,
            CurrentVersion = head.CurrentHash is { } hash ? ResourceNames.OfVersion(head.Id, hash) : "",
            Schedule = facts.Schedule?.ToProto(),
            NextFireTime = head.WakeAt.ToProto(),
            LastLogicalDate = head.LastLogicalDate.ToProto(),
            SourcePath = head.SourceFile ?? "",
            LastRun = dag.LastRun?.ToProto(null),
        };
        proto.Tags.AddRange(facts.Tags);
        proto.RunCounts.AddRange(RunMapping.Counts(dag.RunsByState));
        return proto;
    }

    public static Schedule ToProto(this ScheduleSpec schedule)
    {
        var proto = new Schedule
        {
            TimeZone = schedule.TimeZone,
            StartTime = schedule.Start.ToProto(),
            EndTime = schedule.End.ToProto(),
            Catchup = schedule.Catchup,
            Interval = schedule.Interval,
        };
        if (schedule.Cron is { } cron) proto.Cron = cron;
        else if (schedule.Every is { } every) proto.Every = Duration.FromTimeSpan(every);
        else if (schedule.Once) proto.Once = true;
        return proto;
    }

    public static DagVersion ToProto(this Domain.Dags.DagVersion version, bool current)
    {
        var proto = new VersionHead(version.Hash, version.CreatedAt).ToProto(version.Dag, current);
        proto.SpecJson = version.Spec;
        proto.Tasks.AddRange(CanonicalJson.Read(version.Spec).Tasks.Select(task =>
        {
            var definition = new TaskDefinition
            {
                TaskId = task.Id.Value,
                Description = task.Description ?? "",
                TriggerRule = task.TriggerRule.ToProto(),
                Mapped = task.Map is not null,
                Retries = task.Retry.Retries,
                Pool = ResourceNames.OfPool(task.Pool),
            };
            definition.Needs.AddRange(task.Needs.Select(need => need.Value));
            return definition;
        }));
        return proto;
    }

    public static DagVersion ToProto(this VersionHead version, Domain.Identifiers.DagId dag, bool current) => new()
    {
        Name = ResourceNames.OfVersion(dag, version.Hash),
        Current = current,
        CreateTime = version.CreatedAt.ToProto(),
    };

    public static DagChange ToProto(this Domain.Dags.DagChange change)
    {
        var proto = new DagChange { Path = change.Path };
        if (change.Before is { } before) proto.BeforeJson = before;
        if (change.After is { } after) proto.AfterJson = after;
        return proto;
    }
}
