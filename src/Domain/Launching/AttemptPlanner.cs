using System.Globalization;
using System.Text;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Domain.Launching;

/// <summary>What an attempt refers to, and has to be loaded before it can be planned.</summary>
/// <param name="Xcoms">The xcoms that its templates read.</param>
/// <param name="ArtifactTasks">Tasks whose files it takes as inputs.</param>
public sealed record PlanNeeds(IReadOnlyList<XcomReference> Xcoms, IReadOnlyList<TaskId> ArtifactTasks);

/// <summary>Renders what an attempt needs to run from the task's specification and what those above it left. Pure.</summary>
public static class AttemptPlanner
{
    /// <summary>
    /// What Linux takes at most in one word of a command, or in one variable with its name and the equals sign, in bytes: 128 KiB with
    /// the NUL at its end.
    /// </summary>
    public const int MaxWordBytes = (128 * 1024) - 1;

    /// <summary>What has to be loaded for the attempts of a task.</summary>
    public static PlanNeeds Needs(DagGraph graph, int node)
    {
        var spec = graph[node];
        var templates = Texts(graph.Spec, spec).Where(text => !Template.IsLiteral(text))
            .Select(text => Template.TryParse(text, out var template, out _) && template.UsesXcom ? template : null).OfType<Template>().ToArray();
        if (templates.Length == 0) return new PlanNeeds([], [.. spec.Inputs.Values.Select(input => input.Task).Distinct()]);
        var scope = TaskNames.Scope(graph, node);
        return new PlanNeeds(
            [.. templates.SelectMany(template => template.Xcoms(scope)).Distinct()],
            [.. spec.Inputs.Values.Select(input => input.Task).Distinct()]);
    }

    /// <summary>Plans an attempt.</summary>
    /// <param name="graph">The DAG.</param>
    /// <param name="run">The run.</param>
    /// <param name="task">The instance.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="xcoms">The xcoms that <see cref="Needs"/> names, each with its value.</param>
    /// <param name="artifacts">The artifacts of the tasks that <see cref="Needs"/> names.</param>
    /// <param name="checkpoint">The instance's last checkpoint.</param>
    /// <returns>The plan, or the problem in words for the user.</returns>
    public static (AttemptPlan? Plan, string? Problem) Plan(
        DagGraph graph, DagRun run, TaskInstance task, Attempt attempt,
        IReadOnlyList<Xcom> xcoms, IReadOnlyList<Artifact> artifacts, Checkpoint? checkpoint)
    {
        var node = graph.IndexOf(task.Key.Task);
        var spec = graph[node];
        var values = new Lazy<TemplateContext>(() =>
            TaskNames.Values(TaskNames.Scope(graph, node), run, task, attempt.Key.Epoch, TaskNames.Xcoms(xcoms)));
        var render = new Renderer(values);
        var (command, script) = Action(spec.Action, render);
        var plan = new AttemptPlan
        {
            Key = attempt.Key,
            Uid = attempt.Uid,
            Dag = run.Dag,
            Command = command,
            Script = script,
            Environment = graph.Spec.Env.Concat(spec.Env).GroupBy(pair => pair.Key)
                .ToDictionary(group => group.Key, group => render.Word(group.Last().Value, $"env.{group.Key}", Encoding.UTF8.GetByteCount(group.Key) + 1)),
            WorkingDirectory = WorkingDirectory(run, spec, render),
            LogicalDate = run.LogicalDate,
            DataIntervalStart = run.DataIntervalStart,
            DataIntervalEnd = run.DataIntervalEnd,
            Params = run.Params,
            MapItem = task.MapItem,
            Inputs = Inputs(spec, artifacts, render),
            RequiredOutputs = spec.Outputs,
            Checkpoint = checkpoint,
            CheckpointEvery = spec.CheckpointEvery,
            Connections = spec.Connections,
            GracePeriod = spec.GracePeriod,
        };
        return render.Problem is null ? (plan, null) : (null, render.Problem);
    }

    private static IEnumerable<string> Texts(DagSpec dag, TaskSpec spec)
    {
        IEnumerable<string> action = spec.Action switch
        {
            CommandAction command => command.Command.Concat(command.Args),
            ScriptAction script => [script.Script],
            _ => [],
        };
        return action.Concat(dag.Env.Values).Concat(spec.Env.Values).Append(spec.WorkingDir ?? "");
    }

    private static (IReadOnlyList<string> Command, string? Script) Action(TaskAction action, Renderer render) => action switch
    {
        CommandAction command =>
            ([.. command.Command.Select(word => render.Word(word, "command")), .. command.Args.Select(word => render.Word(word, "args"))], null),
        ScriptAction script => (script.Shell, render.Text(script.Script, "script")),
        _ => ([], null),
    };

    private static string? WorkingDirectory(DagRun run, TaskSpec spec, Renderer render)
    {
        var folder = run.SourceFile is { } file ? Path.GetDirectoryName(file) : null;
        if (spec.WorkingDir is not { } dir) return folder;
        var rendered = render.Text(dir, "working_dir");
        return folder is null ? rendered : Path.Combine(folder, rendered);
    }

    private static Dictionary<string, Artifact> Inputs(TaskSpec spec, IReadOnlyList<Artifact> artifacts, Renderer render)
    {
        var inputs = new Dictionary<string, Artifact>(StringComparer.Ordinal);
        foreach (var (name, source) in spec.Inputs)
        {
            var found = artifacts.Where(artifact => artifact.Task.Task == source.Task && artifact.Name == source.Name).ToArray();
            if (found.Length == 0)
                render.Fail($"inputs.{name}: task {source.Task} has published no file '{source.Name}'");
            foreach (var artifact in found)
                inputs[artifact.Task.IsMapped
                    ? string.Create(CultureInfo.InvariantCulture, $"{name}/{artifact.Task.MapIndex}")
                    : name] = artifact;
        }

        return inputs;
    }

    private sealed class Renderer(Lazy<TemplateContext> values)
    {
        public string? Problem { get; private set; }

        public string Text(string text, string field)
        {
            if (Template.IsLiteral(text)) return text;
            var result = Template.Render(text, values.Value);
            if (result.Succeeded) return result.Value;
            Fail($"{field}: {result.Failure.Message}");
            return "";
        }

        /// <summary>A text that the system has to take as one word, after so many bytes of its own.</summary>
        public string Word(string text, string field, int before = 0)
        {
            var word = Text(text, field);
            var bytes = Encoding.UTF8.GetByteCount(word) + before;
            if (bytes <= MaxWordBytes) return word;
            IReadOnlyList<XcomReference> xcoms = Template.TryParse(text, out var template, out _) && template.UsesXcom ? template.Xcoms(values.Value.Scope) : [];
            var with = xcoms.Count == 0 ? "" : $" with {string.Join(", ", xcoms)}";
            Fail($"{field}:{with} it is {bytes:N0} bytes long, and the system takes at most {MaxWordBytes:N0} in a word of a command or a variable. "
                + "Pass it as a file, by outputs and inputs, or in a 'script'");
            return "";
        }

        public void Fail(string problem) => Problem ??= problem;
    }
}
