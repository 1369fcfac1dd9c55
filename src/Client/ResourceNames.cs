using System.Globalization;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client;

/// <summary>The names of resources as the API writes them, from and to typed identifiers. Pure and thread-safe.</summary>
public static class ResourceNames
{
    /// <summary><c>dags/{dag}</c>.</summary>
    public static string Of(DagId dag) => $"dags/{dag}";

    /// <summary><c>dags/{dag}/versions/{version}</c>.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="version">The version's hash; null: the current one.</param>
    public static string OfVersion(DagId dag, string? version) => $"dags/{dag}/versions/{version ?? "current"}";

    /// <summary><c>runs/{run}</c>.</summary>
    public static string Of(RunId run) => $"runs/{run}";

    /// <summary><c>runs/{run}/tasks/{task}</c> with all its elements.</summary>
    public static string Of(RunId run, TaskId task) => $"runs/{run}/tasks/{task}";

    /// <summary><c>runs/{run}/tasks/{task}</c>, or <c>.../elements/{index}</c> of a mapped task.</summary>
    public static string Of(TaskKey task) => task.IsMapped
        ? string.Create(CultureInfo.InvariantCulture, $"runs/{task.Run}/tasks/{task.Task}/elements/{task.MapIndex}")
        : Of(task.Run, task.Task);

    /// <summary>The name of a task instance with <c>/attempts/{epoch}</c>.</summary>
    public static string Of(AttemptKey attempt) => string.Create(CultureInfo.InvariantCulture, $"{Of(attempt.Task)}/attempts/{attempt.Epoch}");

    /// <summary><c>pools/{pool}</c>.</summary>
    public static string OfPool(string pool) => $"pools/{pool}";

    /// <summary>The DAG that a name names or is under.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static DagId Dag(string name) => new(Part(name, "dags"));

    /// <summary>The hash of a version's name; null for the empty name.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static string? Version(string name) => name.Length == 0 ? null : Part(name, "dags", "versions");

    /// <summary>The run that a name names or is under.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static RunId Run(string name) => new(Part(name, "runs"));

    /// <summary>The task instance that a name names or is under.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static TaskKey Task(string name)
    {
        var index = name.Split('/') is [_, _, _, _, "elements", var text, ..] ? Number(name, text) : TaskKey.NotMapped;
        return new TaskKey(Run(name), new TaskId(Part(name, "runs", "tasks")), index);
    }

    /// <summary>The attempt that a name names.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static AttemptKey Attempt(string name) =>
        name.Split('/') is [.., "attempts", var epoch] ? new AttemptKey(Task(name), Number(name, epoch)) : throw Refused(name, "attempts");

    /// <summary>The pool that a name names.</summary>
    /// <exception cref="FormatException">It is another kind of name.</exception>
    public static string Pool(string name) => Part(name, "pools");

    /// <summary>What follows the last of several collections that begin a name.</summary>
    private static string Part(string name, params ReadOnlySpan<string> collections)
    {
        var parts = name.Split('/');
        for (var i = 0; i < collections.Length; i++)
            if (parts.Length < 2 * i + 2 || parts[2 * i] != collections[i] || parts[2 * i + 1].Length == 0)
                throw Refused(name, collections[^1]);
        return parts[2 * collections.Length - 1];
    }

    private static int Number(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Refused(name, text);

    private static FormatException Refused(string name, string collection) => new($"'{name}' is not the name of something under '{collection}'");
}
