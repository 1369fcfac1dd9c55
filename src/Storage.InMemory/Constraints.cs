using System.Text.Json;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.InMemory;

/// <summary>What a row must be by itself: the model of the database's CHECK constraints and column types.</summary>
internal static class Constraints
{
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 1000 };

    public static void Check(DagHead row)
    {
        Require(row.Version >= 1, $"dag {row.Id}: version {row.Version}");
        Require(IsText(row.SourceFile), $"dag {row.Id}: a NUL character in a text");
    }

    public static void Check(DagVersion row) => Require(IsJson(row.Spec), $"version {row.Hash}: spec is not JSON");

    public static void Check(Pool row)
    {
        Require(row.Version >= 1, $"pool {row.Name}: version {row.Version}");
        Require(row.Slots >= 0, $"pool {row.Name}: {row.Slots} slots");
        Require(IsText(row.Description), $"pool {row.Name}: a NUL character in a text");
    }

    public static void Check(DagRun row)
    {
        Require(row.Version >= 1, $"run {row.Id}: version {row.Version}");
        Require(Enum.IsDefined(row.State) && Enum.IsDefined(row.Kind), $"run {row.Id}: unknown state or kind");
        Require(row.State.IsFinished() == row.EndedAt.HasValue, $"run {row.Id}: finished and ended_at disagree");
        Require(!row.Unreported || row.State.IsFinished(), $"run {row.Id}: unreported but not finished");
        Require(row.DataIntervalStart <= row.DataIntervalEnd, $"run {row.Id}: its data interval ends before it starts");
        Require(row.TasksCreated >= 0, $"run {row.Id}: {row.TasksCreated} tasks created");
        Require(IsJson(row.Params), $"run {row.Id}: params is not JSON");
        Require(IsText(row.Detail) && IsText(row.SourceFile), $"run {row.Id}: a NUL character in a text");
    }

    public static void Check(TaskInstance row)
    {
        Require(row.Version >= 1, $"task {row.Key}: version {row.Version}");
        Require(Enum.IsDefined(row.State) && Enum.IsDefined(row.Reason), $"task {row.Key}: unknown state or reason");
        Require(row.Key.MapIndex >= TaskKey.NotMapped, $"task {row.Key}: map index {row.Key.MapIndex}");
        Require(row.Epoch >= 0 && row.Fence >= 0 && row.Fence <= row.Epoch + 1, $"task {row.Key}: fence {row.Fence} beside epoch {row.Epoch}");
        Require(row.State.IsFinished() == row.EndedAt.HasValue, $"task {row.Key}: finished and ended_at disagree");
        Require(!row.Unreported || row.State.IsFinished(), $"task {row.Key}: unreported but not finished");
        Require(
            row is { RetriesUsed: >= 0, InfraRetriesUsed: >= 0, LaunchRetriesUsed: >= 0, UnknownRetriesUsed: >= 0 },
            $"task {row.Key}: a budget below zero");
        Require(row.PoolSlots >= 1, $"task {row.Key}: {row.PoolSlots} pool slots");
        Require(row.Key.IsMapped || row.MapItem is null, $"task {row.Key}: a map item, but it is not mapped");
        Require(row.MapItem is null || IsJson(row.MapItem), $"task {row.Key}: map item is not JSON");
        Require(IsText(row.Detail), $"task {row.Key}: a NUL character in a text");
    }

    public static void Check(Attempt row)
    {
        Require(row.Key.Epoch >= 1, $"attempt {row.Key}: epoch {row.Key.Epoch}");
        Require(Enum.IsDefined(row.State), $"attempt {row.Key}: unknown state");
        Require(row.Cause is null || Enum.IsDefined(row.Cause.Value), $"attempt {row.Key}: unknown cause");
        Require(row.Stop is null || Enum.IsDefined(row.Stop.Value), $"attempt {row.Key}: unknown stop reason");
        Require(row.State.IsFinished() == row.EndedAt.HasValue, $"attempt {row.Key}: finished and ended_at disagree");
        Require(
            row.Cause is null || (row.State.IsFinished() && row.State != AttemptState.Succeeded),
            $"attempt {row.Key}: a cause beside {row.State}");
        Require(row.Evidence is null || IsJson(row.Evidence), $"attempt {row.Key}: evidence is not JSON");
        Require(IsText(row.Backend) && IsText(row.Node), $"attempt {row.Key}: a NUL character in a text");
    }

    public static void Check(Xcom row) => Require(IsJson(row.Value), $"xcom {row.Key} of {row.Task} is not JSON");

    public static void Check(Artifact row) => Require(row.Size >= 0, $"artifact {row.Name} of {row.Task}: size {row.Size}");

    public static void Check(SetLimit write) => Require(write.Slots is null or >= 0, $"limit {write.Key}: {write.Slots} slots");

    public static void Check(RequestRecord row) => Require(IsJson(row.Reply), $"request {row.Id}: reply is not JSON");

    public static void Check(OutboxItem row)
    {
        Require(row.Kind is "webhook" or "command", $"outbox item {row.Id}: kind {row.Kind}");
        Require(row.Failures >= 0, $"outbox item {row.Id}: {row.Failures} failures");
        Require(IsJson(row.Payload), $"outbox item {row.Id}: payload is not JSON");
    }

    public static void Check(HistoryEvent row)
    {
        Require(row.Dag is null != row.Pool is null, $"history of {row.Dag}{row.Pool}: neither of a DAG nor of a pool alone");
        Require(
            IsText(row.Detail) && IsText(row.Actor) && IsText(row.Address) && IsText(row.RequestId),
            $"history of {row.Dag}{row.Pool}: a NUL character in a text");
    }

    public static void Require(bool condition, string message)
    {
        if (!condition) throw new StoreException(StoreFailure.Rejected, message);
    }

    public static void RequireUnique(bool condition, string message)
    {
        if (!condition) throw new StoreException(StoreFailure.UniqueViolation, message);
    }

    private static bool IsText(string? text) => text is null || !text.Contains('\0');

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Json);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
