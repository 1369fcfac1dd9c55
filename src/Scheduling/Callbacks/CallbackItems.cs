using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Domain.Templates;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Callbacks;

/// <summary>Callbacks as outbox items: committed with the change they tell of, delivered afterwards at least once.</summary>
internal static class CallbackItems
{
    /// <summary>One item for each callback; the payload is <c>{ "target": ..., "document": ... }</c>.</summary>
    public static IEnumerable<OutboxItem> Of(
        IReadOnlyList<CallbackSpec> callbacks, RunFrame frame, TemplateContext values, JsonObject document, DateTimeOffset now, Func<Guid> newGuid) =>
        callbacks.Select(callback => new OutboxItem
        {
            Id = newGuid(),
            Kind = callback.Webhook is null ? "command" : "webhook",
            Payload = new JsonObject
            {
                ["target"] = callback.Webhook is { } url
                    ? Render(url, values)
                    : new JsonArray([.. callback.Command!.Select(word => JsonValue.Create(Render(word, values)))]),
                ["workingDirectory"] = Path.GetDirectoryName(frame.Header.SourceFile),
                ["document"] = document.DeepClone(),
            }.ToJsonString(),
            Run = frame.Header.Id,
            DueAt = now,
        });

    // A text that cannot be rendered is delivered as written: the receiver, or the item's last error, shows what is wrong with it.
    private static string Render(string text, TemplateContext values) =>
        Template.Render(text, values) is { Succeeded: true } rendered ? rendered.Value : text;

    /// <summary>What a callback is told of a run, and the start of what it is told of a task.</summary>
    public static JsonObject Document(RunFrame frame, string @event, DateTimeOffset now) => new()
    {
        ["event"] = @event,
        ["at"] = now.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        ["dag"] = frame.Header.Dag.Value,
        ["run"] = frame.Header.Id.Value,
        ["logicalDate"] = frame.Header.LogicalDate.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
    };
}

/// <summary>The callbacks of a task: <c>on_success, on_failure, on_retry, on_cancel</c>.</summary>
internal static class TaskCallbacks
{
    /// <summary>What a step calls.</summary>
    public static IEnumerable<OutboxItem> Of(RunFrame frame, TaskInstance row, TaskStep step, DateTimeOffset now, Func<Guid> newGuid)
    {
        if (step.Trail.Count == 0) return [];
        var spec = frame.Graph[frame.Graph.IndexOf(row.Key.Task)];
        var (name, callbacks) = row.State switch
        {
            TaskState.Success => ("success", spec.OnSuccess),
            TaskState.Failed when row.Reason == TaskReason.Cancelled => ("cancel", spec.OnCancel),
            TaskState.Failed => ("failure", spec.OnFailure),
            _ when step.Trail.Any(transition => transition.State == TaskState.UpForRetry) => ("retry", spec.OnRetry),
            _ => ("", []),
        };
        if (callbacks.Count == 0) return [];
        var document = CallbackItems.Document(frame, name, now);
        document["task"] = row.Key.Task.Value;
        if (row.Key.IsMapped) document["mapIndex"] = row.Key.MapIndex;
        document["state"] = Names.Of(row.State);
        document["reason"] = Names.Of(row.Reason);
        document["detail"] = row.Detail;
        document["epoch"] = row.Epoch;
        var node = frame.Graph.IndexOf(row.Key.Task);
        var scope = TaskNames.Scope(frame.Graph, node);
        var values = TaskNames.Values(scope, frame.Header, row, row.Epoch, new Dictionary<XcomReference, JsonElement>());
        return CallbackItems.Of(callbacks, frame, values, document, now, newGuid);
    }
}

/// <summary>The callbacks of a DAG: <c>on_success, on_failure</c>.</summary>
internal static class RunCallbacks
{
    /// <summary>What the end of a run calls.</summary>
    public static IEnumerable<OutboxItem> Of(RunFrame frame, DagRun run, DateTimeOffset now, Func<Guid> newGuid)
    {
        var (name, callbacks) = run.State switch
        {
            RunState.Success => ("success", frame.Graph.Spec.OnSuccess),
            RunState.Failed => ("failure", frame.Graph.Spec.OnFailure),
            _ => ("", []),
        };
        if (callbacks.Count == 0) return [];
        var document = CallbackItems.Document(frame, name, now);
        document["state"] = Names.Of(run.State);
        document["detail"] = run.Detail;
        return CallbackItems.Of(callbacks, frame, TaskNames.ValuesOfRun(frame.Graph, frame.Header), document, now, newGuid);
    }
}
