using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Schedules;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Documents;

/// <summary>The description of a DAG in a list.</summary>
internal static class DagListDocument
{
    public static readonly Shape<DagSummary> Shape = new Shape<DagSummary>()
        .Text("dag", d => d.Head.Id.Value, "DAG")
        .Flag("paused", d => d.Head.Paused, "PAUSED")
        .Text("version", d => d.Head.CurrentHash)
        .Instant("nextFireAt", d => d.Head.WakeAt, "NEXT FIRE")
        .Instant("lastLogicalDate", d => d.Head.LastLogicalDate)
        .Text("sourceFile", d => d.Head.SourceFile)
        .Text("lastRun", d => d.LastRun?.Id.Value, "LAST RUN")
        .Name("lastState", d => d.LastRun?.State, "LAST STATE")
        .Counts("runs", d => d.RunsByState, "RUNS");
}

/// <summary>A DAG with its tasks and versions.</summary>
/// <param name="Detail">The DAG.</param>
/// <param name="Spec">Its current version; null when it has none.</param>
internal sealed record DagDocument(DagDetail Detail, DagSpec? Spec)
{
    private static readonly Shape<TaskSpec> Task = new Shape<TaskSpec>()
        .Text("task", t => t.Id.Value, "TASK")
        .Texts("needs", t => t.Needs.Select(n => n.Value), "NEEDS")
        .Name("triggerRule", t => (TriggerRule?)t.TriggerRule)
        .Column("TRIGGER RULE", t => t.TriggerRule == TriggerRule.AllSuccess ? null : Names.Of(t.TriggerRule))
        .Flag("mapped", t => t.Map is not null, "MAPPED")
        .Number("retries", t => t.Retry.Retries, "RETRIES")
        .Text("pool", t => t.Pool, "POOL");

    private static readonly Shape<(DagVersion Version, bool Current)> VersionOf = new Shape<(DagVersion Version, bool Current)>()
        .Text("version", v => v.Version.Hash)
        .Column("VERSION", v => Versions.Short(v.Version.Hash))
        .Flag("current", v => v.Current, "CURRENT")
        .Instant("createdAt", v => v.Version.CreatedAt, "CREATED");

    public static readonly Shape<DagDocument> Shape = new Shape<DagDocument>()
        .Text("dag", d => d.Detail.Head.Id.Value, "DAG")
        .Text("description", d => d.Spec?.Description, "DESCRIPTION")
        .Text("owner", d => d.Spec?.Owner, "OWNER")
        .Texts("tags", d => d.Spec?.Tags ?? [], "TAGS")
        .Flag("paused", d => d.Detail.Head.Paused, "PAUSED")
        .Text("version", d => d.Detail.Head.CurrentHash, "VERSION")
        .Text("schedule", d => Schedule(d.Spec?.Schedule), "SCHEDULE")
        .Instant("nextFireAt", d => d.Detail.Head.WakeAt, "NEXT FIRE")
        .Instant("lastLogicalDate", d => d.Detail.Head.LastLogicalDate, "LAST LOGICAL DATE")
        .Text("sourceFile", d => d.Detail.Head.SourceFile, "FILE")
        .List("tasks", d => d.Spec?.Tasks ?? [], Task, "TASKS")
        .List("versions", d => [.. d.Detail.Versions.Select(v => (v, v.Hash == d.Detail.Head.CurrentHash))], VersionOf, "VERSIONS");

    private static string? Schedule(ScheduleSpec? schedule) => schedule switch
    {
        null => null,
        { Cron: { } cron } => schedule.TimeZone == "UTC" ? cron : $"{cron} ({schedule.TimeZone})",
        { Every: { } every } => $"every {Words.Duration(every)}",
        { Start: { } start } => $"once, {Words.Iso(start)}",
        _ => "once",
    };
}
