using System.Text.Json;
using OrleansFlow.Domain.Schedules;

namespace OrleansFlow.Domain.Dags.Canonical;

/// <summary>Writes a DAG, members in ordinal order of their names.</summary>
internal static class DagWriter
{
    public static void Write(Utf8JsonWriter writer, DagSpec dag)
    {
        writer.WriteStartObject();
        writer.WriteString("dag", dag.Id.Value);
        writer.Text("description", dag.Description);
        writer.Text("docs", dag.Docs);
        writer.Map("env", dag.Env, static (w, value) => w.WriteStringValue(value));
        writer.Items("groups", dag.Groups, Group);
        writer.Integer("max_active_runs", dag.MaxActiveRuns, 16);
        writer.Integer("max_active_tasks", dag.MaxActiveTasks);
        Callbacks(writer, "on_failure", dag.OnFailure);
        Callbacks(writer, "on_success", dag.OnSuccess);
        writer.Text("owner", dag.Owner);
        writer.Map("params", dag.Params, CanonicalWriter.Value);
        writer.Flag("paused", dag.Paused);
        writer.Time("run_timeout", dag.RunTimeout);
        if (dag.Schedule is { } schedule) Schedule(writer, schedule);
        writer.Texts("tags", dag.Tags);
        writer.Array("tasks", dag.Tasks, TaskWriter.Write);
        writer.WriteEndObject();
    }

    public static void Callbacks(Utf8JsonWriter writer, string name, IReadOnlyList<CallbackSpec> callbacks) =>
        writer.Items(name, callbacks, static (w, callback) =>
        {
            w.WriteStartObject();
            w.Texts("command", callback.Command);
            w.Text("webhook", callback.Webhook);
            w.WriteEndObject();
        });

    private static void Group(Utf8JsonWriter writer, GroupSpec group)
    {
        writer.WriteStartObject();
        writer.Text("description", group.Description);
        writer.WriteString("id", group.Id);
        writer.WriteEndObject();
    }

    private static void Schedule(Utf8JsonWriter writer, ScheduleSpec schedule)
    {
        writer.WriteStartObject("schedule");
        writer.Flag("catchup", schedule.Catchup);
        writer.Text("cron", schedule.Cron);
        writer.Moment("end", schedule.End);
        writer.Time("every", schedule.Every);
        writer.Flag("interval", schedule.Interval);
        writer.Flag("once", schedule.Once);
        writer.Moment("start", schedule.Start);
        writer.Text("timezone", schedule.TimeZone, "UTC");
        writer.WriteEndObject();
    }
}
