using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>The values of <c>retry_on</c>, <c>fail_on</c> and the lists of exit codes.</summary>
internal static class RuleKinds
{
    /// <summary>Exit codes other than 0.</summary>
    public static readonly Kind<IReadOnlyList<int>> ExitCodes = Kinds.ManyOf("a list of exit codes", Kinds.Integer(1, 255));

    private static readonly Kind<AttemptCause> Causes = Kinds.OneOf<AttemptCause>();

    private static readonly FieldTable<FailureRule> Fields = new(
        "rule",
        new Field<FailureRule, IReadOnlyList<int>>("exit_codes", ExitCodes, null, "Exit codes, any of them.", (rule, v) => rule with { ExitCodes = v }),
        new Field<FailureRule, IReadOnlyList<AttemptCause>>(
            "reasons", Kinds.ManyOf("a list of causes", Causes), null, "Causes such as oom and timeout, any of them.", (rule, v) => rule with { Reasons = v }),
        new Field<FailureRule, IReadOnlyList<string>>("errors", Kinds.Texts, null, "Error classes that the task reports, any of them.", (rule, v) => rule with { Errors = v }));

    private static readonly Kind<FailureRule> Rule = new(
        "a rule",
        () => Kinds.AnyOf(Kinds.Type("integer"), Causes.Schema(), new JsonObject { ["type"] = "string", ["pattern"] = "[^a-z_]" }, Fields.Schema()),
        ReadRule);

    /// <summary>Rules; an exit code, a cause or an error class may stand for a rule that names only it.</summary>
    public static readonly Kind<IReadOnlyList<FailureRule>> Rules = Kinds.ManyOf("a list of rules", Rule);

    private static bool ReadRule(YamlNode node, Problems problems, [MaybeNullWhen(false)] out FailureRule value)
    {
        value = null;
        if (node is YamlMap map)
            value = Fields.Read(map, new FailureRule(), problems);
        else if (node is YamlScalar { IsPlain: true } scalar && YamlScalars.TryInteger(scalar.Text, out _))
            value = ExitCodes.Read(node, problems, out var codes) ? new FailureRule { ExitCodes = codes } : null;
        else if (Kinds.Text.Read(node, problems, out var text))
            value = ReadWord(text, node, problems);
        return value is not null;
    }

    /// <summary>A word that looks like a cause must be one: a slip of the pen would be an error class that nothing ever reports.</summary>
    private static FailureRule? ReadWord(string text, YamlNode node, Problems problems)
    {
        if (Names.TryParse<AttemptCause>(text, out var cause)) return new FailureRule { Reasons = [cause] };
        if (!text.All(c => c is (>= 'a' and <= 'z') or '_')) return new FailureRule { Errors = [text] };
        var causes = Names.All<AttemptCause>().ToList();
        problems.Error(
            node,
            $"'{text}' is no cause of a failure.{problems.Hint(text, causes)} Causes are {string.Join(", ", causes)}; "
            + $"an error class of that name is written {{ errors: {text} }}");
        return null;
    }
}
