using System.Globalization;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Names;

/// <summary>
/// The names of resources: <c>dags/{dag}</c>, <c>runs/{run}/tasks/{task}/elements/{index}</c>. Ids hold no slash, so the parts are plain; only
/// the path of an artifact may have some, and it comes last. Pure and thread-safe.
/// </summary>
internal static class ResourceNames
{
    /// <summary>The last part of a version's name that means the current one.</summary>
    public const string Current = "current";

    /// <summary>The last part of an attempt's name that means the last one.</summary>
    public const string Latest = "latest";

    public const string DagForm = "dags/{dag}";
    public const string VersionForm = "dags/{dag}/versions/{version}";
    public const string RunForm = "runs/{run}";
    public const string TaskForm = "runs/{run}/tasks/{task} or runs/{run}/tasks/{task}/elements/{index}";
    public const string ScopeForm = "runs/{run}, runs/{run}/tasks/{task} or runs/{run}/tasks/{task}/elements/{index}";
    public const string PoolForm = "pools/{pool}";

    public static string Of(DagId dag) => $"dags/{dag}";

    public static string OfVersion(DagId dag, string hash) => $"dags/{dag}/versions/{hash}";

    public static string Of(RunId run) => $"runs/{run}";

    public static string Of(RunId run, TaskId task, int mapIndex) => mapIndex == TaskKey.NotMapped
        ? $"runs/{run}/tasks/{task}"
        : string.Create(CultureInfo.InvariantCulture, $"runs/{run}/tasks/{task}/elements/{mapIndex}");

    public static string Of(TaskKey task) => Of(task.Run, task.Task, task.MapIndex);

    public static string Of(AttemptKey attempt) => string.Create(CultureInfo.InvariantCulture, $"{Of(attempt.Task)}/attempts/{attempt.Epoch}");

    public static string OfPool(string pool) => $"pools/{pool}";

    public static DagId? Dag(string name) => name.Split('/') is ["dags", var dag] && IsId(dag) ? new DagId(dag) : null;

    public static (DagId Dag, string Version)? Version(string name) =>
        name.Split('/') is ["dags", var dag, "versions", var version] && IsId(dag) && version.Length is > 0 and <= 64
            ? (new DagId(dag), version)
            : null;

    public static RunId? Run(string name) => name.Split('/') is ["runs", var run] && IsId(run) ? new RunId(run) : null;

    public static string? Pool(string name) => name.Split('/') is ["pools", var pool] && IsId(pool) ? pool : null;

    /// <summary>A run, a task of it, or an element of a mapped task.</summary>
    public static Scope? Scope(string name) => ReadScope(name.Split('/')) is (var scope, []) ? scope : null;

    /// <summary>A task of a run, or an element of it.</summary>
    public static Scope? Task(string name) => Scope(name) is { Task: not null } scope ? scope : null;

    /// <summary>An attempt: null as its number is the last one.</summary>
    public static (Scope Task, int? Epoch)? Attempt(string name) => ReadScope(name.Split('/')) switch
    {
        ({ Task: not null } scope, ["attempts", Latest]) => (scope, null),
        ({ Task: not null } scope, ["attempts", var epoch]) when Index(epoch) is { } number and > 0 => (scope, number),
        _ => null,
    };

    /// <summary>Something of a task instance that has a name of its own: <c>artifacts</c> or <c>xcoms</c>.</summary>
    public static (Scope Task, string Name)? Value(string name, string collection) => ReadScope(name.Split('/')) switch
    {
        ({ Task: not null } scope, [var kind, .. var rest]) when kind == collection && rest.Length > 0 && rest.All(part => part.Length > 0) =>
            (scope, string.Join('/', rest)),
        _ => null,
    };

    private static (Scope? Scope, string[] Tail) ReadScope(string[] parts)
    {
        if (parts is not ["runs", var run, .. var rest] || !IsId(run)) return (null, parts);
        var scope = new Scope(new RunId(run), null, null);
        if (rest is not ["tasks", var task, .. var more]) return (scope, rest);
        if (!IsId(task)) return (null, parts);
        scope = scope with { Task = new TaskId(task) };
        if (more is not ["elements", var element, .. var last]) return (scope, more);
        return Index(element) is { } index ? (scope with { MapIndex = index }, last) : (null, parts);
    }

    private static int? Index(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && (text == "0" || text[0] != '0') ? index : null;

    private static bool IsId(string text) => IdRules.Problem(text) is null;
}

/// <summary>A run, a task of it, or an element of a mapped task.</summary>
/// <param name="Run">The run.</param>
/// <param name="Task">The task; null: the run itself.</param>
/// <param name="MapIndex">The element; null: none was named.</param>
internal readonly record struct Scope(RunId Run, TaskId? Task, int? MapIndex)
{
    /// <summary>Its resource name.</summary>
    public override string ToString() => Task is { } task ? ResourceNames.Of(Run, task, MapIndex ?? TaskKey.NotMapped) : ResourceNames.Of(Run);
}
