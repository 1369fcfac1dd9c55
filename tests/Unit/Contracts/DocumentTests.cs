using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Contracts.V1;
using OrleansFlow.DagFiles;
using OrleansFlow.Tests.Unit.DagFiles;
using DagChange = OrleansFlow.Contracts.V1.DagChange;

namespace OrleansFlow.Tests.Unit.Contracts;

/// <summary>
/// What the documents of the command line tell, the messages of the API tell too: for each field of a document there is one of the
/// message, by the same name in JSON or by the one that stands here.
/// </summary>
public class DocumentTests
{
    /// <summary>A field of the CLI's document by the path of the message's field, where they are not called the same.</summary>
    private static readonly Dictionary<string, string> Renamed = new()
    {
        ["Run.run"] = "name", ["Run.createdAt"] = "createTime", ["Run.startedAt"] = "startTime", ["Run.endedAt"] = "endTime",
        ["TaskInstance.run"] = "name", ["TaskInstance.task"] = "taskId", ["TaskInstance.scheduledAt"] = "scheduleTime",
        ["TaskInstance.startedAt"] = "startTime", ["TaskInstance.endedAt"] = "endTime", ["TaskInstance.wakeAt"] = "wakeTime",
        ["TaskInstance.logs"] = "attempts.logUri",
        ["Attempt.startedAt"] = "startTime", ["Attempt.endedAt"] = "endTime",
        ["Artifact.name"] = "path", ["Artifact.size"] = "sizeBytes",
        ["HistoryEvent.at"] = "eventTime", ["HistoryEvent.task"] = "taskId", ["HistoryEvent.event"] = "kind",
        ["LogRecord.task"] = "attempt", ["LogRecord.mapIndex"] = "attempt", ["LogRecord.epoch"] = "attempt", ["LogRecord.at"] = "writeTime",
        ["LogRecord.line"] = "text",
        ["Pool.pool"] = "name", ["Pool.used"] = "usedSlots", ["Pool.waiting"] = "waitingCount",
        ["Dag.dag"] = "name", ["Dag.version"] = "currentVersion", ["Dag.nextFireAt"] = "nextFireTime", ["Dag.sourceFile"] = "sourcePath",
        ["Dag.lastState"] = "lastRun.state", ["Dag.runs"] = "runCounts",
        ["DagReport.file"] = "path", ["DagReport.tasks"] = "taskCount",
        ["DagChange.before"] = "beforeJson", ["DagChange.after"] = "afterJson",
        ["ExplainTaskInstanceResponse.run"] = "taskInstance.name", ["ExplainTaskInstanceResponse.task"] = "taskInstance.taskId",
        ["ExplainTaskInstanceResponse.mapIndex"] = "taskInstance.mapIndex", ["ExplainTaskInstanceResponse.state"] = "taskInstance.state",
        ["ExplainTaskInstanceResponse.reason"] = "taskInstance.reason",
    };

    public static TheoryData<string, string> Documents => new()
    {
        { "runs-show-json", "Run" }, { "runs-list-failed-json", "Run" }, { "runs-watch-json", "HistoryEvent" },
        { "tasks-list-json", "TaskInstance" }, { "tasks-show-element-json", "TaskInstance" }, { "why-pool-json", "ExplainTaskInstanceResponse" },
        { "logs-json", "LogRecord" }, { "pools-list-json", "Pool" }, { "dags-list-json", "Dag" },
    };

    [Theory, MemberData(nameof(Documents))]
    public void WhatADocumentTells_TheMessageTells(string document, string message)
    {
        var documents = Golden(document);
        documents.ShouldNotBeEmpty();
        documents.SelectMany(each => Missing(each, Message(message))).Distinct().ShouldBeEmpty();
    }

    [Fact]
    public void WhatValidateAndDiffTell_TheMessagesTell()
    {
        var source = new OrleansFlow.Cli.Dags.DagSource("dag.yaml", [new FileProblem("dag.yaml", 1, 2, "tasks", "is empty")], null);
        Missing(SourceDocument.Shape.ToJson(source), DagReport.Descriptor).ShouldBeEmpty();
        var change = new OrleansFlow.Domain.Dags.DagChange("owner", "\"a\"", "\"b\"");
        Missing(ChangeDocument.Shape.ToJson(change), DagChange.Descriptor).ShouldBeEmpty();
    }

    [Fact]
    public void AMissingField_IsFound() =>
        Missing(new JsonObject { ["name"] = "runs/a", ["colour"] = "blue" }, Run.Descriptor).ShouldBe(["Run has no field 'colour'"]);

    [Fact]
    public void ARun_AsJson_ReadsLikeItsDocument()
    {
        var run = new Run
        {
            Name = "runs/manual-1",
            Dag = "dags/credit",
            State = RunState.Success,
            Tasks = { new TaskInstance { Name = "runs/manual-1/tasks/train/elements/0", TaskId = "train", MapIndex = 0, State = TaskState.UpForRetry } },
        };
        JsonFormatter.Default.Format(run).ShouldBe(
            """{ "name": "runs/manual-1", "dag": "dags/credit", "state": "RUN_STATE_SUCCESS", "tasks": [ { "name": "runs/manual-1/tasks/train/elements/0", "taskId": "train", "mapIndex": 0, "state": "TASK_STATE_UP_FOR_RETRY" } ] }""");
    }

    private static IEnumerable<string> Missing(JsonObject document, MessageDescriptor message)
    {
        foreach (var (name, value) in document)
        {
            var field = Find(message, Renamed.GetValueOrDefault($"{message.Name}.{name}", name));
            if (field is null) yield return $"{message.Name} has no field '{name}'";
            else if (field.FieldType == FieldType.Message && field.MessageType.File.Package == message.File.Package && field.IsRepeated)
                foreach (var inner in (value as JsonArray ?? []).OfType<JsonObject>().SelectMany(item => Missing(item, field.MessageType)))
                    yield return inner;
        }
    }

    /// <summary>A field by its JSON name, or by a path of them.</summary>
    private static FieldDescriptor? Find(MessageDescriptor message, string path)
    {
        var parts = path.Split('.', 2);
        var field = message.Fields.InDeclarationOrder().FirstOrDefault(field => field.JsonName == parts[0]);
        return field is null || parts.Length == 1 ? field : Find(field.MessageType, parts[1]);
    }

    private static MessageDescriptor Message(string name) =>
        OrleansFlow.Contracts.ApiDescriptors.Files.SelectMany(file => file.MessageTypes).Single(message => message.FullName == $"orleansflow.v1.{name}");

    /// <summary>What a golden file shows on standard output: a document, a list of them, or one in each line.</summary>
    private static List<JsonObject> Golden(string name)
    {
        var lines = File.ReadAllLines(GoldenFiles.Folder("tests", "Unit", "Cli", "Golden", $"{name}.txt"));
        var output = lines.Skip(1).TakeWhile(line => line != "--- stderr").ToArray();
        return output[0].EndsWith('}')
            ? [.. output.Select(line => JsonNode.Parse(line)!.AsObject())]
            : JsonNode.Parse(string.Join('\n', output)) switch
            {
                JsonArray list => [.. list.Select(item => item!.AsObject())],
                var single => [single!.AsObject()],
            };
    }
}
