using System.Text.Json;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Templates;

/// <summary>What a name means in a scope.</summary>
/// <param name="Parts">How many parts of the name the value itself has; the others lead into it.</param>
/// <param name="Value">Its value; null when there is none.</param>
/// <param name="Xcom">The xcom that it reads; null for other names.</param>
/// <param name="Problem">Why the name has no meaning; null when it has.</param>
internal sealed record Meaning(int Parts, Func<TemplateContext, JsonElement?> Value, XcomReference? Xcom = null, string? Problem = null)
{
    public static Meaning None(string problem) => new(0, _ => null, null, problem);
}

/// <summary>The names of semantics.md, "Templating".</summary>
internal static class Vocabulary
{
    private static readonly Dictionary<string, Func<TemplateContext, JsonElement?>> Fixed = new(StringComparer.Ordinal)
    {
        ["dag.id"] = c => Json.Text(c.Dag.Value),
        ["run.id"] = c => Json.Text(c.Run.Value),
        ["run.logical_date"] = c => Json.Text(IsoTime.Format(c.LogicalDate)),
        ["run.data_interval_start"] = c => Json.Text(IsoTime.Format(c.DataIntervalStart)),
        ["run.data_interval_end"] = c => Json.Text(IsoTime.Format(c.DataIntervalEnd)),
        ["task.id"] = c => c.Task is { } task ? Json.Text(task.Value) : null,
        ["attempt.epoch"] = c => c.Epoch is { } epoch ? Json.Number(epoch) : null,
        ["map.index"] = c => c.MapIndex is { } index ? Json.Number(index) : null,
        ["ds"] = c => Json.Text(IsoTime.Format(c.LogicalDate, "yyyy-MM-dd")),
        ["ds_nodash"] = c => Json.Text(IsoTime.Format(c.LogicalDate, "yyyyMMdd")),
        ["ts"] = c => Json.Text(IsoTime.Format(c.LogicalDate)),
        ["ts_nodash"] = c => Json.Text(IsoTime.Format(c.LogicalDate, "yyyyMMddTHHmmss")),
    };

    /// <summary>What users of Airflow may write out of habit.</summary>
    private static readonly Dictionary<string, string> Habits = new(StringComparer.Ordinal)
    {
        ["execution_date"] = "run.logical_date",
        ["logical_date"] = "run.logical_date",
        ["dag_run.logical_date"] = "run.logical_date",
        ["data_interval_start"] = "run.data_interval_start",
        ["data_interval_end"] = "run.data_interval_end",
        ["run_id"] = "run.id",
        ["dag_run.run_id"] = "run.id",
        ["dag.dag_id"] = "dag.id",
        ["task.task_id"] = "task.id",
        ["ti.task_id"] = "task.id",
        ["ti.try_number"] = "attempt.epoch",
        ["ti.map_index"] = "map.index",
        ["ti.xcom_pull"] = "xcom.TASK.KEY",
        ["task_instance.xcom_pull"] = "xcom.TASK.KEY",
    };

    public static Meaning Find(NameExpr name, TemplateScope scope) => name.Parts[0] switch
    {
        "params" => Param(name, scope),
        "xcom" => Xcom(name, scope),
        "map" when !scope.IsMapped => Meaning.None($"'{name}' exists only in a mapped task; give the task a 'map'"),
        "map" when name.Parts.Count > 1 && (name.Parts[1] == "item" || name.Parts[1] == scope.MapAs) => new(2, c => c.MapItem),
        "attempt" when !scope.HasAttempt => Meaning.None($"'{name}' is not known here: this is decided before an attempt begins"),
        "task" when !scope.HasTask => Meaning.None($"'{name}' is not known here: this belongs to the DAG, not to a task"),
        _ => Plain(name, scope),
    };

    private static Meaning Plain(NameExpr name, TemplateScope scope)
    {
        for (var count = 1; count <= Math.Min(2, name.Parts.Count); count++)
        {
            if (!Fixed.TryGetValue(name.Text(count), out var value))
                continue;
            return count == name.Parts.Count
                ? new Meaning(count, value)
                : Meaning.None($"'{name.Text(count)}' is a plain value and has no '{name.Parts[count]}'");
        }
        return Meaning.None($"unknown name '{name}'.{HintFor(name, scope)}");
    }

    private static Meaning Param(NameExpr name, TemplateScope scope)
    {
        if (name.Parts.Count == 1)
            return new Meaning(1, c => c.Params);
        var param = name.Parts[1];
        return scope.Params.Contains(param)
            ? new Meaning(2, c => c.Params.ValueKind == JsonValueKind.Object && c.Params.TryGetProperty(param, out var value) ? value : null)
            : Meaning.None($"the DAG declares no parameter '{param}'.{DidYouMean.Hint(param, scope.Params)}"
                + (scope.Params.Count == 0 ? " It declares none; add it under 'params'" : ""));
    }

    /// <summary>
    /// A task is looked for as <c>needs</c> looks for it: in the group the text stands in, then in the groups around that, then by its full id.
    /// Ids of tasks in groups hold dots, as names do: the longest known id wins.
    /// </summary>
    private static Meaning Xcom(NameExpr name, TemplateScope scope)
    {
        foreach (var group in scope.Groups.Append(""))
            for (var count = name.Parts.Count; count > 1; count--)
            {
                var written = string.Join('.', name.Parts.Take(count).Skip(1));
                var task = new TaskId(group.Length == 0 ? written : $"{group}.{written}");
                if (!scope.UpstreamTasks.Contains(task))
                    continue;
                if (count == name.Parts.Count)
                    return Meaning.None($"'{name}' lacks a key: write xcom.{written}.KEY");
                var xcom = new XcomReference(task, name.Parts[count]);
                return new Meaning(count + 1, c => c.Xcoms.TryGetValue(xcom, out var value) ? value : null, xcom);
            }

        return NoSuchXcom(name, scope);
    }

    private static Meaning NoSuchXcom(NameExpr name, TemplateScope scope)
    {
        if (name.Parts.Count < 3)
            return Meaning.None($"'{name}' is incomplete: write xcom.TASK.KEY");

        var written = string.Join('.', name.Parts.Skip(1).SkipLast(1));
        var upstream = scope.UpstreamTasks.SelectMany(task => NamesOf(task.Value, scope)).Order(StringComparer.Ordinal).ToArray();
        return Meaning.None($"'{written}' is not a task upstream of this one.{DidYouMean.Hint(written, upstream)}"
            + " Xcoms can be read of tasks that this one needs, directly or indirectly");
    }

    private static IEnumerable<string> NamesOf(string task, TemplateScope scope) => scope.Groups
        .Where(group => task.StartsWith(group + ".", StringComparison.Ordinal))
        .Select(group => task[(group.Length + 1)..])
        .Append(task);

    private static string HintFor(NameExpr name, TemplateScope scope)
    {
        if (Enumerable.Range(1, name.Parts.Count).Select(name.Text).FirstOrDefault(Habits.ContainsKey) is { } habit)
            return $" Did you mean '{Habits[habit]}'?";
        if (scope.Params.Contains(name.Parts[0]))
            return $" Did you mean 'params.{name.Parts[0]}'?";
        var known = Fixed.Keys.Concat(scope.Params.Select(param => $"params.{param}")).Append("map.item");
        var hint = DidYouMean.Hint(name.ToString(), known);
        return hint.Length > 0 ? hint : DidYouMean.Hint(name.Parts[0], ["params", "xcom", "run", "dag", "task", "attempt", "map"]);
    }
}
