using OrleansFlow.Contracts;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client;

/// <summary>The names of resources as the API writes them, from and to typed identifiers. Pure and thread-safe.</summary>
public static class ResourceNames
{
    /// <summary><c>dags/{dag}</c>.</summary>
    public static string Of(DagId dag) => ResourceName.OfDag(dag.Value);

    /// <summary><c>dags/{dag}/versions/{version}</c>.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="version">The version's hash; null: the current one.</param>
    public static string OfVersion(DagId dag, string? version) => ResourceName.OfVersion(dag.Value, version ?? ResourceName.Current);

    /// <summary><c>runs/{run}</c>.</summary>
    public static string Of(RunId run) => ResourceName.OfRun(run.Value);

    /// <summary><c>runs/{run}/tasks/{task}</c> with all its elements.</summary>
    public static string Of(RunId run, TaskId task) => ResourceName.OfTaskInstance(run.Value, task.Value, mapIndex: null);

    /// <summary>A task of a run with all its elements; without a task the run.</summary>
    internal static string Of(RunId run, TaskId? task) => task is { } one ? Of(run, one) : Of(run);

    /// <summary><c>runs/{run}/tasks/{task}</c>, or <c>.../elements/{index}</c> of a mapped task.</summary>
    public static string Of(TaskKey task) => ResourceName.OfTaskInstance(task.Run.Value, task.Task.Value, task.IsMapped ? task.MapIndex : null);

    /// <summary>The name of a task instance with <c>/attempts/{epoch}</c>.</summary>
    public static string Of(AttemptKey attempt) => ResourceName.OfAttempt(Of(attempt.Task), attempt.Epoch);

    /// <summary><c>pools/{pool}</c>.</summary>
    public static string OfPool(string pool) => ResourceName.OfPool(pool);

    /// <summary>The DAG that a name names or is under.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static DagId Dag(string name) => new(Read(name, "dags", read => read.Dag));

    /// <summary>The hash of a version's name; null for the empty name.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static string? Version(string name) => name.Length == 0 ? null : Read(name, "versions", read => read.Version);

    /// <summary>The run that a name names or is under.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static RunId Run(string name) => new(Read(name, "runs", read => read.Run));

    /// <summary>The task instance that a name names or is under.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static TaskKey Task(string name) => Read(name, "tasks", read => Task(read));

    /// <summary>The attempt that a name names.</summary>
    /// <exception cref="FormatException">It is another kind of name, or means the last attempt.</exception>
    public static AttemptKey Attempt(string name) =>
        Read(name, "attempts", read => read.Epoch is { } epoch && Task(read) is { } task ? new AttemptKey(task, epoch) : (AttemptKey?)null);

    /// <summary>The pool that a name names.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static string Pool(string name) => Read(name, "pools", read => read.Kind == "pools" ? read.Id : null);

    private static TaskKey? Task(ResourceName read) => read is { Run: { } run, Task: { } task }
        ? new TaskKey(new RunId(run), new TaskId(task), read.MapIndex ?? TaskKey.NotMapped)
        : null;

    private static T Read<T>(string name, string collection, Func<ResourceName, T?> part) where T : class =>
        ResourceName.TryParse(name, out var read) && part(read) is { } found ? found : throw Refused(name, collection);

    private static T Read<T>(string name, string collection, Func<ResourceName, T?> part) where T : struct =>
        ResourceName.TryParse(name, out var read) && part(read) is { } found ? found : throw Refused(name, collection);

    private static FormatException Refused(string name, string collection) => new($"'{name}' is not the name of something under '{collection}'");
}
