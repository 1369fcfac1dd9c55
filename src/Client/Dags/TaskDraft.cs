using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Dags.Groups;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client.Dags;

/// <summary>
/// A task while the levels above it and its own are laid over one another: the defaults of the DAG, those of each group, the task. A list
/// that a level names takes the place of those above it.
/// </summary>
internal sealed class TaskDraft(string id)
{
    private readonly HashSet<string> _named = [];
    private readonly SortedSet<string> _mixed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _env = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _inputs = new(StringComparer.Ordinal);
    private readonly JsonObject _kubernetes = [];

    public TaskSpec Spec { get; set; } = new() { Id = new TaskId(id), Action = new NoopAction() };

    public IReadOnlyList<string>? Command { get; set; }

    public IReadOnlyList<string>? Args { get; set; }

    public string? Script { get; set; }

    public IReadOnlyList<string>? Shell { get; set; }

    public bool Noop { get; set; }

    public MapSpec? Map { get; set; }

    public int? MaxMapLength { get; set; }

    public IReadOnlyList<(string Name, bool IsOptional)> Needs { get; set; } = [];

    public IReadOnlyDictionary<string, string> Inputs => _inputs;

    /// <summary>The next level begins. One that says what the task does inherits no other action.</summary>
    public void Begin(bool hasAction)
    {
        _named.Clear();
        if (hasAction) (Command, Args, Script, Noop) = (null, null, null, false);
    }

    /// <summary>A list with more in it: of this level if it named the list before, else in place of those above.</summary>
    public IReadOnlyList<T> Add<T>(string field, IReadOnlyList<T>? list, IEnumerable<T> more) =>
        _named.Add(field) || list is null ? [.. more] : [.. list, .. more];

    public void SetEnv(string name, string? value) => Put(_env, name, value);

    public void SetInput(string name, string? source) => Put(_inputs, name, source);

    public void SetKubernetes(string name, JsonNode? value)
    {
        if (value is null) _kubernetes.Remove(name);
        else _kubernetes[name] = JsonMerge.Over(_kubernetes[name], value);
    }

    /// <summary>A list with more in it, as <see cref="Add"/> says.</summary>
    public void AddKubernetes(string name, IEnumerable<string> more)
    {
        var known = (_kubernetes[name] as JsonArray)?.Select(item => item!.GetValue<string>()).ToList();
        if (_named.Contains(EntryOf(name))) _mixed.Add(name);
        _kubernetes[name] = new JsonArray([.. Add(name, known, more).Select(item => JsonValue.Create(item))]);
    }

    /// <summary>One entry of a map, beside those that are there.</summary>
    public void SetKubernetesEntry(string name, string key, string value)
    {
        _named.Add(EntryOf(name));
        if (_named.Contains(name)) _mixed.Add(name);
        SetKubernetes(name, new JsonObject { [key] = value });
    }

    public void SetRetry(Func<RetryPolicy, RetryPolicy> change) => Spec = Spec with { Retry = change(Spec.Retry) };

    /// <summary>The task; its needs and inputs are still names.</summary>
    public TaskSpec Finish() => Spec with
    {
        Action = this switch
        {
            { Script: { } script } => new ScriptAction(script, Shell ?? ScriptAction.DefaultShell),
            { Command: null, Args: null } => new NoopAction(),
            _ => new CommandAction(Command ?? [], Args ?? []),
        },
        Env = new Dictionary<string, string>(_env),
        Map = Map is null ? null : Map with { MaxLength = MaxMapLength ?? Map.MaxLength },
        Kubernetes = _kubernetes.Count == 0 ? null : (JsonObject)_kubernetes.DeepClone(),
    };

    /// <summary>What is wrong with the task by itself and cannot be seen when it is finished.</summary>
    public IEnumerable<SpecProblem> Problems()
    {
        string[] given = [.. new[] { (Command is not null, "Command"), (Script is not null, "Script"), (Noop, "Noop") }.Where(a => a.Item1).Select(a => a.Item2)];
        if (given.Length == 0 && Args is null) yield return Error("the task does nothing: give it a Command, a Script, or Noop");
        if (given.Length > 1) yield return Error($"a task does exactly one thing, this one has {string.Join(" and ", given)}: keep one of them");
        if (Args is not null && Command is null && given.Length > 0)
            yield return Error($"Args belong to Command: put the words into '{given[0]}' instead", "args");
        if (MaxMapLength is < 1 or > DagLimits.MaxMapLength) yield return Error($"must be from 1 to {DagLimits.MaxMapLength}", "max_map_length");
        foreach (var field in _mixed) yield return Error("is a list or a map, and here it is written as both: keep one of them", field);
        foreach (var list in Lists(Map))
            if (list is JsonValue text && !text.ToString().Contains("{{", StringComparison.Ordinal))
                yield return Error($"'{text}' is no template: give a list, or a template that yields one", "map");
    }

    private static IEnumerable<JsonNode> Lists(MapSpec? map) => map switch
    {
        ListMap one => [one.Over],
        ProductMap product => product.Lists.Select(list => list.Value),
        ZipMap zip => zip.Lists.Select(list => list.Value),
        _ => [],
    };

    private static string EntryOf(string name) => name + "{}";

    private SpecProblem Error(string message, params ReadOnlySpan<string> field) => new(["tasks", Spec.Id.Value, .. field], message);

    private static void Put(Dictionary<string, string> map, string name, string? value)
    {
        if (value is null) map.Remove(name);
        else map[name] = value;
    }
}
