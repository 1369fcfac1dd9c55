using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Client.Dags;

/// <summary>
/// A task, or the defaults of tasks, while it is written. Methods say what the fields of a DAG file of the same name say; of lists, calls of
/// one builder add up and take the place of what its defaults say. Null takes away what they say. Not thread-safe.
/// </summary>
public sealed partial class TaskBuilder
{
    private readonly List<Action<TaskDraft>> _steps = [];
    private bool _hasAction;

    internal TaskBuilder()
    {
    }

    /// <summary>One line for people.</summary>
    public TaskBuilder Description(string? text) => Spec(task => task with { Description = text });

    /// <summary>The program to run and its words; templates.</summary>
    public TaskBuilder Command(params IEnumerable<string> words)
    {
        var command = Copy(words);
        return Action(draft => draft.Command = command);
    }

    /// <summary>Words appended to the command; alone, to the entry point of the image.</summary>
    public TaskBuilder Args(params IEnumerable<string> words)
    {
        var args = Copy(words);
        return Step(draft => draft.Args = args);
    }

    /// <summary>Inline text, run by the shell; a template.</summary>
    /// <param name="text">The text.</param>
    /// <param name="shell">What runs it: a program and its words. Default: those of the defaults, else <c>bash -euo pipefail</c>.</param>
    public TaskBuilder Script(string text, params IEnumerable<string> shell)
    {
        Action(draft => draft.Script = text);
        var words = Copy(shell);
        return words.Count == 0 ? this : Step(draft => draft.Shell = words);
    }

    /// <summary>What runs scripts: for defaults.</summary>
    public TaskBuilder Shell(params IEnumerable<string> words)
    {
        var shell = Copy(words);
        return Step(draft => draft.Shell = shell);
    }

    /// <summary>Does nothing: a point where arrows meet.</summary>
    public TaskBuilder Noop() => Action(draft => draft.Noop = true);

    /// <summary>The tasks or groups that come before.</summary>
    public TaskBuilder Needs(params IEnumerable<string> names) => AddNeeds(names, isOptional: false);

    /// <summary>The same, where it is fine that there is no such task or group.</summary>
    public TaskBuilder NeedsOptionally(params IEnumerable<string> names) => AddNeeds(names, isOptional: true);

    /// <summary>When the task runs, by what became of those it needs. Default: all succeeded.</summary>
    public TaskBuilder TriggerRule(TriggerRule rule) => Spec(task => task with { TriggerRule = rule });

    /// <summary>An expression over params, xcoms and the run; false skips the task.</summary>
    public TaskBuilder When(string? expression) => Spec(task => task with { When = expression });

    /// <summary>One instance for each element.</summary>
    /// <param name="over">The elements, or a template that yields them; null: one instance after all.</param>
    /// <param name="name">A name for the element: <c>map.NAME</c>, beside <c>map.item</c>.</param>
    public TaskBuilder Map(MapList? over, string? name = null) => Step(draft => draft.Map = over is null ? null : new ListMap(over.Node.DeepClone(), name));

    /// <summary>One instance for every combination of the lists; the last one varies fastest.</summary>
    public TaskBuilder MapProduct(params IEnumerable<(string Name, MapList List)> lists)
    {
        var named = Copy(lists);
        return Step(draft => draft.Map = new ProductMap([.. named.Select(l => KeyValuePair.Create(l.Name, l.List.Node.DeepClone()))]));
    }

    /// <summary>One instance for each place of lists of one length, side by side.</summary>
    public TaskBuilder MapZip(params IEnumerable<(string Name, MapList List)> lists)
    {
        var named = Copy(lists);
        return Step(draft => draft.Map = new ZipMap([.. named.Select(l => KeyValuePair.Create(l.Name, l.List.Node.DeepClone()))]));
    }

    /// <summary>The greatest number of elements of the map. Default: 1,024.</summary>
    public TaskBuilder MaxMapLength(int count) => Step(draft => draft.MaxMapLength = count);

    /// <summary>How often a failure of the program is tried again. Default: 0.</summary>
    public TaskBuilder Retries(int count) => Retry(retry => retry with { Retries = count });

    /// <summary>The wait before the first retry, from the end of the attempt. Default: 5 min.</summary>
    public TaskBuilder RetryDelay(TimeSpan delay) => Retry(retry => retry with { Delay = delay });

    /// <summary>What each further wait is multiplied by. Default: 1, which keeps it constant.</summary>
    public TaskBuilder RetryBackoff(double factor) => Retry(retry => retry with { Backoff = factor });

    /// <summary>The greatest wait between retries. Default: a day.</summary>
    public TaskBuilder MaxRetryDelay(TimeSpan delay) => Retry(retry => retry with { MaxDelay = delay });

    /// <summary>When given, only failures that match are retried: <see cref="Failure"/> makes rules.</summary>
    public TaskBuilder RetryOn(params IEnumerable<FailureRule> rules)
    {
        var more = Copy(rules);
        return Step(draft => draft.SetRetry(retry => retry with { RetryOn = draft.Add("retry_on", retry.RetryOn, more) }));
    }

    /// <summary>Failures that match are final; asked before <see cref="RetryOn"/>.</summary>
    public TaskBuilder FailOn(params IEnumerable<FailureRule> rules)
    {
        var more = Copy(rules);
        return Step(draft => draft.SetRetry(retry => retry with { FailOn = draft.Add("fail_on", retry.FailOn, more) }));
    }

    /// <summary>Exit codes that skip the task. Default: 99.</summary>
    public TaskBuilder SkipExitCodes(params IEnumerable<int> codes)
    {
        var more = Copy(codes);
        return Step(draft => draft.SetRetry(retry => retry with { SkipExitCodes = draft.Add("skip_exit_codes", retry.SkipExitCodes, more) }));
    }

    /// <summary>Exit codes that fail the task without a retry.</summary>
    public TaskBuilder FailExitCodes(params IEnumerable<int> codes)
    {
        var more = Copy(codes);
        return Step(draft => draft.SetRetry(retry => retry with { FailExitCodes = draft.Add("fail_exit_codes", retry.FailExitCodes, more) }));
    }

    /// <summary>How many attempts may be lost to the infrastructure; these use no retries. Default: 10.</summary>
    public TaskBuilder InfraRetries(int count) => Retry(retry => retry with { InfraRetries = count });

    /// <summary>How many launches may fail. Default: 3.</summary>
    public TaskBuilder LaunchRetries(int count) => Retry(retry => retry with { LaunchRetries = count });

    internal void ApplyTo(TaskDraft draft)
    {
        draft.Begin(_hasAction);
        foreach (var step in _steps) step(draft);
    }

    private TaskBuilder AddNeeds(IEnumerable<string> names, bool isOptional)
    {
        var more = Copy(names.Select(name => (name, isOptional)));
        return Step(draft => draft.Needs = draft.Add("needs", draft.Needs, more));
    }

    private TaskBuilder Action(Action<TaskDraft> step)
    {
        _hasAction = true;
        return Step(step);
    }

    private TaskBuilder Retry(Func<RetryPolicy, RetryPolicy> change) => Step(draft => draft.SetRetry(change));

    private TaskBuilder Spec(Func<TaskSpec, TaskSpec> change) => Step(draft => draft.Spec = change(draft.Spec));

    private TaskBuilder Step(Action<TaskDraft> step)
    {
        _steps.Add(step);
        return this;
    }

    private static IReadOnlyList<T> Copy<T>(IEnumerable<T> items) => [.. items];
}
