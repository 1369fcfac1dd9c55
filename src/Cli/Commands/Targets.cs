using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Text;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Commands;

/// <summary>Finds the runs, tasks and versions that a command line names, or says what there is instead.</summary>
internal static class Targets
{
    private const string Latest = "@latest";

    /// <summary>The id of a run: itself, <c>DAG@latest</c> or <c>@latest</c>.</summary>
    /// <exception cref="CliException">There is no such run.</exception>
    public static async Task<RunId> ResolveRunAsync(IQueries queries, string text, CancellationToken cancellation)
    {
        if (!text.EndsWith(Latest, StringComparison.Ordinal)) return new RunId(text);
        DagId? dag = text.Length == Latest.Length ? null : Arguments.ReadDag(text[..^Latest.Length]);
        if (await queries.FindLatestRunAsync(dag, cancellation) is { } run) return run;
        throw CliException.Invalid(dag is null
            ? "there are no runs yet; 'flow run FILE' makes one"
            : $"DAG '{dag}' has no runs; 'flow dags list' shows the DAGs, 'flow dags trigger {dag}' makes a run");
    }

    /// <summary>A run with all that belongs to it.</summary>
    /// <exception cref="CliException">There is no such run.</exception>
    public static async Task<RunDetail> FindRunAsync(IQueries queries, string text, CancellationToken cancellation)
    {
        var run = await ResolveRunAsync(queries, text, cancellation);
        return await queries.GetRunAsync(run, cancellation)
            ?? throw CliException.Invalid($"there is no run '{run}'; 'flow runs list' shows those that there are");
    }

    /// <summary>A DAG with its versions.</summary>
    /// <exception cref="CliException">There is no such DAG.</exception>
    public static async Task<DagDetail> FindDagAsync(IQueries queries, DagId dag, CancellationToken cancellation) =>
        await queries.GetDagAsync(dag, cancellation)
        ?? throw NoDag(dag);

    /// <summary>A DAG without its versions.</summary>
    /// <exception cref="CliException">There is no such DAG.</exception>
    public static async Task<DagHead> FindHeadAsync(IEngineReader engine, DagId dag, CancellationToken cancellation) =>
        await engine.FindDagAsync(dag, cancellation) ?? throw NoDag(dag);

    /// <summary>The version of a DAG that schedules and triggers use; null when none was applied.</summary>
    public static async Task<DagVersion?> FindCurrentAsync(IEngineReader engine, DagHead head, CancellationToken cancellation) =>
        head.CurrentHash is { } hash ? await engine.FindVersionAsync(head.Id, hash, cancellation) : null;

    /// <summary>The version of a DAG that schedules and triggers use; null when none was applied.</summary>
    public static DagVersion? Current(DagDetail dag) => dag.Versions.FirstOrDefault(v => v.Hash == dag.Head.CurrentHash);

    /// <summary>The instances that a task argument names: one, or all elements of a mapped task.</summary>
    /// <exception cref="CliException">The run has no such task.</exception>
    public static IReadOnlyList<TaskDocument> FindTasks(RunDocument run, TaskArgument argument)
    {
        var found = run.Tasks
            .Where(t => t.Task.Key.Task == argument.Task && (argument.MapIndex is not { } index || t.Task.Key.MapIndex == index))
            .OrderBy(t => t.Task.Key)
            .ToList();
        return found.Count > 0 ? found : throw CliException.Invalid(
            $"run {run.Run.Id} has no task '{Name(argument)}'; 'flow tasks list {run.Run.Id}' shows those that it has");
    }

    /// <summary>The one instance that a task argument names.</summary>
    /// <exception cref="CliException">The run has no such task, or it is mapped and no element was named.</exception>
    public static TaskDocument FindTask(RunDocument run, TaskArgument argument)
    {
        var found = FindTasks(run, argument);
        return found.Count == 1 ? found[0] : throw CliException.Invalid(
            $"task '{argument.Task}' is mapped over {Words.Count(found.Count, "element")}; name one of them: {TaskName.Of(found[0].Task.Key)}");
    }

    /// <summary>Outputs of a task instance by name; all of them when none is named.</summary>
    /// <exception cref="CliException">It has none, or none of that name.</exception>
    public static IReadOnlyList<Artifact> FindOutputs(TaskDocument task, IReadOnlyList<string> names)
    {
        var label = TaskName.Of(task.Task.Key);
        if (task.Artifacts.Count == 0)
            throw CliException.Invalid($"task '{label}' has published no files; it is {Domain.Identifiers.Names.Of(task.Task.State)}");
        if (names.Count == 0) return task.Artifacts;
        return
        [
            .. names.Distinct(StringComparer.Ordinal).Select(name => task.Artifacts.FirstOrDefault(artifact => artifact.Name == name)
                ?? throw CliException.Invalid(
                    $"task '{label}' has published no file '{name}'.{DidYouMean.Hint(name, task.Artifacts.Select(artifact => artifact.Name))} "
                    + $"'flow tasks show {task.Task.Key.Run} {label}' shows those that it has")),
        ];
    }

    private static CliException NoDag(DagId dag) => CliException.Invalid($"there is no DAG '{dag}'; 'flow dags list' shows those that there are");

    private static string Name(TaskArgument argument) =>
        argument.MapIndex is { } index ? TaskName.Of(argument.Task, index) : argument.Task.Value;
}
