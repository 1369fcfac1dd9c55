using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Schedules;

namespace OrleansFlow.Domain.Dags.Canonical;

/// <summary>Reads what <see cref="DagWriter"/> wrote.</summary>
internal static class DagReader
{
    public static DagSpec Read(JsonElement element)
    {
        var dag = new Members(element);
        return dag.Complete(new DagSpec
        {
            Id = new DagId(dag.Required("dag")),
            Description = dag.Text("description"),
            Docs = dag.Text("docs"),
            Env = dag.Map("env", value => value.GetString()!),
            Groups = dag.Items("groups", Group) ?? [],
            MaxActiveRuns = dag.Integer("max_active_runs") ?? 16,
            MaxActiveTasks = dag.Integer("max_active_tasks"),
            OnFailure = Callbacks(dag, "on_failure"),
            OnSuccess = Callbacks(dag, "on_success"),
            Owner = dag.Text("owner"),
            Params = dag.Map("params", schema => (JsonObject)Members.ToNode(schema)!),
            Paused = dag.Flag("paused"),
            RunTimeout = dag.Time("run_timeout"),
            Schedule = dag.Object("schedule", Schedule),
            Tags = dag.Texts("tags") ?? [],
            Tasks = dag.Items("tasks", TaskReader.Read) ?? throw new FormatException("'tasks' is missing"),
        });
    }

    public static IReadOnlyList<CallbackSpec> Callbacks(Members members, string name) => members.Items(name, element =>
    {
        var callback = new Members(element);
        return callback.Complete(new CallbackSpec { Command = callback.Texts("command"), Webhook = callback.Text("webhook") });
    }) ?? [];

    private static GroupSpec Group(JsonElement element)
    {
        var group = new Members(element);
        return group.Complete(new GroupSpec { Id = group.Required("id"), Description = group.Text("description") });
    }

    private static ScheduleSpec Schedule(Members schedule) => schedule.Complete(new ScheduleSpec
    {
        Catchup = schedule.Flag("catchup"),
        Cron = schedule.Text("cron"),
        End = schedule.Moment("end"),
        Every = schedule.Time("every"),
        Interval = schedule.Flag("interval"),
        Once = schedule.Flag("once"),
        Start = schedule.Moment("start"),
        TimeZone = schedule.Text("timezone") ?? "UTC",
    });
}
