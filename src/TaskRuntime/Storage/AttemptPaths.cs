using System.Globalization;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.TaskRuntime.Storage;

/// <summary>
/// Where things of an attempt lie below the root of a store, with forward slashes (<c>spot.md</c>, Outputs and Logs). Ids are tame
/// (<see cref="IdRules"/>), and start with a letter or digit, so that names with an underscore in front are ours.
/// </summary>
public static class AttemptPaths
{
    /// <summary>The folder of a task's staged outputs, one folder per epoch.</summary>
    public const string Attempts = "_attempts";

    /// <summary>The folder of a task's checkpoints, one folder per epoch and number.</summary>
    public const string Checkpoints = "_checkpoints";

    /// <summary>The manifest of a prefix: its files with size and SHA-256. No output can have this name.</summary>
    public const string Manifest = "_manifest.json";

    /// <summary>The folder of an attempt's large xcoms among its outputs. No output can lie in it.</summary>
    public const string Xcoms = "_xcom";

    /// <summary><c>{dag}/{run}/{task}[/{map index}]</c>.</summary>
    public static string Task(DagId dag, TaskKey task) => $"{dag}/{task}";

    /// <summary><c>{dag}/{run}/{task}[/{map index}]/_attempts/{epoch}</c>.</summary>
    public static string Outputs(DagId dag, AttemptKey attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{Task(dag, attempt.Task)}/{Attempts}/{attempt.Epoch}");

    /// <summary><c>{dag}/{run}/{task}[/{map index}]/_checkpoints/{epoch}-{number}</c>.</summary>
    public static string Checkpoint(DagId dag, AttemptKey attempt, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Task(dag, attempt.Task)}/{Checkpoints}/{attempt.Epoch}-{number}");

    /// <summary><c>dag_id=/run_id=/task_id=/[map_index=/]attempt=N.log</c>, below the root of logs.</summary>
    public static string Log(DagId dag, AttemptKey attempt)
    {
        var task = attempt.Task;
        var map = task.IsMapped ? string.Create(CultureInfo.InvariantCulture, $"map_index={task.MapIndex}/") : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"dag_id={dag}/run_id={task.Run}/task_id={task.Task}/{map}attempt={attempt.Epoch}.log");
    }
}
