using System.Globalization;
using OrleansFlow.Domain.Expressions;
using OrleansFlow.Domain.Templates;
using OrleansFlow.Domain.Text;

using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Dags.Validation;

/// <summary>What templates, conditions and inputs refer to must exist, and must be there before the task runs.</summary>
internal sealed class ReferenceRules
{
    private readonly DagSpec _dag;
    private readonly TaskGraph _graph;
    private readonly Upstream _upstream;
    private readonly HashSet<string> _params;
    private readonly GroupIndex _groups;
    private readonly SpecProblems _problems;

    private ReferenceRules(DagSpec dag, TaskGraph graph, SpecProblems problems)
    {
        (_dag, _graph, _problems) = (dag, graph, problems);
        _upstream = new Upstream(graph);
        _params = [.. dag.Params.Keys];
        _groups = new GroupIndex(dag.Groups);
    }

    public static void Check(DagSpec dag, TaskGraph graph, SpecProblems problems)
    {
        var rules = new ReferenceRules(dag, graph, problems);
        rules.CheckDag();
        for (var i = 0; i < dag.Tasks.Count && !problems.IsHopeless; i++) rules.CheckTask(i);
    }

    private void CheckDag()
    {
        var ofAnyTask = new TemplateScope { Params = _params };
        CheckEnv(_dag.Env, ofAnyTask, "env");

        var ofTheRun = ofAnyTask with { HasTask = false, HasAttempt = false };
        CheckCallbacks(_dag.OnSuccess, ofTheRun, "on_success");
        CheckCallbacks(_dag.OnFailure, ofTheRun, "on_failure");
    }

    private void CheckTask(int index)
    {
        var task = _graph.Tasks[index];
        var id = task.Id.Value;
        var scope = new TemplateScope
        {
            Params = _params,
            UpstreamTasks = _upstream.Of(index),
            Groups = _groups.Around(task.Id),
            IsMapped = task.Map is not null,
            MapAs = (task.Map as ListMap)?.As,
        };

        CheckAction(task.Action, scope, id);
        CheckText(task.WorkingDir, scope, "tasks", id, "working_dir");
        CheckEnv(task.Env, scope, "tasks", id, "env");
        // Callbacks are rendered with the commit they tell of, which has no time to load xcoms.
        var withoutXcoms = scope with { UpstreamTasks = new HashSet<TaskId>() };
        CheckCallbacks(task.OnSuccess, withoutXcoms, "tasks", id, "on_success");
        CheckCallbacks(task.OnFailure, withoutXcoms, "tasks", id, "on_failure");
        CheckCallbacks(task.OnRetry, withoutXcoms, "tasks", id, "on_retry");
        CheckCallbacks(task.OnCancel, withoutXcoms, "tasks", id, "on_cancel");
        if (task.When is { } when)
            foreach (var error in Condition.Check(when, scope with { HasAttempt = false }))
                _problems.Error(error.ToString(), "tasks", id, "when");
        CheckInputs(index);
    }

    private void CheckAction(TaskAction action, TemplateScope scope, string id)
    {
        switch (action)
        {
            case CommandAction command:
                CheckWords(command.Command, scope, "tasks", id, "command");
                CheckWords(command.Args, scope, "tasks", id, "args");
                break;
            case ScriptAction script:
                CheckText(script.Script, scope, "tasks", id, "script");
                break;
        }
    }

    private void CheckInputs(int index)
    {
        var task = _graph.Tasks[index];
        foreach (var (name, input) in task.Inputs.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            string[] at = ["tasks", task.Id.Value, "inputs", name];
            if (_graph.IndexOf(input.Task) is not { } source)
                _problems.Error($"there is no task '{input.Task}'.{DidYouMean.Hint(input.Task.Value, _graph.Tasks.Select(t => t.Id.Value))}", at);
            else if (!_upstream.IsAbove(source, index))
                _problems.Error($"'{input.Task}' does not run before this task: add it to 'needs'", at);
            else if (_graph.Tasks[source].Outputs is { } outputs && !outputs.Contains(input.Name))
                _problems.Error($"'{input.Task}' declares no output '{input.Name}'.{DidYouMean.Hint(input.Name, outputs)} It declares {Listed(outputs)}", at);
        }
    }

    private void CheckEnv(IReadOnlyDictionary<string, string> env, TemplateScope scope, params string[] at)
    {
        foreach (var (name, value) in env)
            if (!Template.IsLiteral(value))
                CheckText(value, scope, [.. at, name]);
    }

    private void CheckCallbacks(IReadOnlyList<CallbackSpec> callbacks, TemplateScope scope, params string[] at)
    {
        for (var i = 0; i < callbacks.Count; i++)
        {
            string[] place = [.. at, Index(i)];
            CheckText(callbacks[i].Webhook, scope, [.. place, "webhook"]);
            CheckWords(callbacks[i].Command ?? [], scope, [.. place, "command"]);
        }
    }

    private void CheckWords(IReadOnlyList<string> words, TemplateScope scope, params string[] at)
    {
        for (var i = 0; i < words.Count; i++)
            if (!Template.IsLiteral(words[i]))
                CheckText(words[i], scope, [.. at, Index(i)]);
    }

    private void CheckText(string? text, TemplateScope scope, params string[] at)
    {
        if (text is null || Template.IsLiteral(text)) return;
        foreach (var error in Template.Check(text, scope)) _problems.Error(error.ToString(), at);
    }

    private static string Index(int index) => string.Create(CultureInfo.InvariantCulture, $"[{index}]");

    private static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);
}
