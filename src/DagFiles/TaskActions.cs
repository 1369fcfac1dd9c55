using OrleansFlow.DagFiles.Fields;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.DagFiles;

/// <summary>What a task does: exactly one thing.</summary>
internal static class TaskActions
{
    private static readonly string[] Available = ["command", "script", "noop"];

    private static readonly string[] Planned = ["branch", "short_circuit", "sensor", "trigger_dag", "spark", "manifest", "external"];

    public static bool IsAction(string field) => Available.Contains(field) || Planned.Contains(field);

    public static TaskAction Choose(TaskDraft draft, YamlScalar task, YamlMap own, YamlMap fields, Problems problems)
    {
        if (draft.Script is null && own.Find("shell") is { IsNull: false } shell)
            problems.Warn(shell, "'shell' runs a 'script', and the task has none: it changes nothing");

        string[] given = [.. fields.Entries.Where(entry => !entry.Value.IsNull && IsAction(entry.Name)).Select(entry => entry.Name)];
        if (given.Length == 0 && draft.Args is null)
            problems.Error(task, "the task does nothing: give it a 'command', a 'script', or 'noop: {}'");
        if (given.Length > 1)
            problems.Error(task, $"a task does exactly one thing, this one has {string.Join(" and ", given)}: keep one of them");
        if (draft.Args is not null && draft.Command is null && given.Length > 0)
            problems.Error(fields.Find("args") ?? task, $"'args' belongs to 'command': put the words into '{given[0]}' instead");

        return draft switch
        {
            { Script: { } script } => new ScriptAction(script, draft.Shell ?? ScriptAction.DefaultShell),
            { Command: null, Args: null } => new NoopAction(),
            _ => new CommandAction(draft.Command ?? [], draft.Args ?? []),
        };
    }
}
