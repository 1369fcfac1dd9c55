using OrleansFlow.Contracts;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Names;

/// <summary>
/// The names of resources from and to typed identifiers: <see cref="ResourceName"/> reads them, here ids must also be ids. A name of another
/// kind is null. Pure and thread-safe.
/// </summary>
internal static class ResourceNames
{
    public const string DagForm = "dags/{dag}";
    public const string VersionForm = "dags/{dag}/versions/{version}";
    public const string RunForm = "runs/{run}";
    public const string TaskForm = "runs/{run}/tasks/{task} or runs/{run}/tasks/{task}/elements/{index}";
    public const string ScopeForm = "runs/{run}, runs/{run}/tasks/{task} or runs/{run}/tasks/{task}/elements/{index}";
    public const string PoolForm = "pools/{pool}";

    private const int LongestHash = 64;

    public static string Of(DagId dag) => ResourceName.OfDag(dag.Value);

    public static string OfVersion(DagId dag, string hash) => ResourceName.OfVersion(dag.Value, hash);

    public static string Of(RunId run) => ResourceName.OfRun(run.Value);

    public static string Of(TaskKey task) => ResourceName.OfTaskInstance(task.Run.Value, task.Task.Value, task.IsMapped ? task.MapIndex : null);

    public static string Of(AttemptKey attempt) => ResourceName.OfAttempt(Of(attempt.Task), attempt.Epoch);

    public static string OfPool(string pool) => ResourceName.OfPool(pool);

    public static DagId? Dag(string name) => Read(name, "dags") is { Dag: { } dag } ? new DagId(dag) : null;

    public static (DagId Dag, string Version)? Version(string name) =>
        Read(name, "versions") is { Dag: { } dag, Version: { Length: <= LongestHash } version } && version.All(char.IsAsciiLetterOrDigit)
            ? (new DagId(dag), version)
            : null;

    public static RunId? Run(string name) => Read(name, "runs") is { Run: { } run } ? new RunId(run) : null;

    public static string? Pool(string name) => Read(name, "pools") is { Id: var pool } && IsId(pool) ? pool : null;

    /// <summary>A run, a task of it, or an element of a mapped task.</summary>
    public static Scope? Scope(string name) => Read(name, "runs", "tasks", "elements") is { } read ? ScopeOf(read) : null;

    /// <summary>A task of a run, or an element of it.</summary>
    public static Scope? Task(string name) => Read(name, "tasks", "elements") is { } read ? ScopeOf(read) : null;

    /// <summary>An attempt: null as its number is the last one.</summary>
    public static (Scope Task, int? Epoch)? Attempt(string name) => Read(name, "attempts") is { } read ? (ScopeOf(read), read.Epoch) : null;

    /// <summary>Something of a task instance that has a name of its own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="collections">What it may be: <c>artifacts</c> or <c>xcoms</c>.</param>
    public static ResourceValue? Value(string name, params ReadOnlySpan<string> collections) =>
        Read(name, collections) is { } read ? new ResourceValue(ScopeOf(read), read.Kind, read.Id) : null;

    private static Scope ScopeOf(ResourceName read) =>
        new(new RunId(read.Run!), read.Task is { } task ? new TaskId(task) : null, read.MapIndex);

    private static ResourceName? Read(string name, params ReadOnlySpan<string> kinds) =>
        ResourceName.TryParse(name, out var read) && kinds.Contains(read.Kind) && IsId(read.Dag) && IsId(read.Run) && IsId(read.Task) ? read : null;

    private static bool IsId(string? part) => part is null || IdRules.Problem(part) is null;
}

/// <summary>A run, a task of it, or an element of a mapped task.</summary>
/// <param name="Run">The run.</param>
/// <param name="Task">The task; null: the run itself.</param>
/// <param name="MapIndex">The element; null: none was named.</param>
internal readonly record struct Scope(RunId Run, TaskId? Task, int? MapIndex)
{
    /// <summary>Its resource name.</summary>
    public override string ToString() =>
        Task is { } task ? ResourceName.OfTaskInstance(Run.Value, task.Value, MapIndex) : ResourceNames.Of(Run);
}

/// <summary>Something that a task instance left.</summary>
/// <param name="Task">Whose it is.</param>
/// <param name="Kind">The collection: <c>artifacts</c> or <c>xcoms</c>.</param>
/// <param name="Id">Its path or key.</param>
internal readonly record struct ResourceValue(Scope Task, string Kind, string Id);
