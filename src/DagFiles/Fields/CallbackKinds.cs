using System.Diagnostics.CodeAnalysis;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>The values of <c>on_success</c> and its like.</summary>
internal static class CallbackKinds
{
    private static readonly FieldTable<CallbackSpec> Fields = new(
        "callback",
        new Field<CallbackSpec, string>("webhook", Kinds.Text, null, "Where a JSON document is posted; a template.", (c, v) => c with { Webhook = v }),
        new Field<CallbackSpec, IReadOnlyList<string>>("command", Kinds.Command, null, "A program that gets the document on standard input; its words are templates.", (c, v) => c with { Command = v }));

    /// <summary>A URL, a command, a map of one of them, or a list of such maps.</summary>
    public static readonly Kind<IReadOnlyList<CallbackSpec>> Callbacks = new(
        "a webhook or a command",
        () => Kinds.AnyOf(Kinds.Type("string"), Kinds.ListOf(Kinds.Type("string")), Fields.Schema(), Kinds.ListOf(Fields.Schema())),
        Read);

    private static bool Read(YamlNode node, Problems problems, out IReadOnlyList<CallbackSpec> value)
    {
        value = node switch
        {
            YamlScalar url => [new CallbackSpec { Webhook = url.Text }],
            YamlList { Items: [YamlScalar, ..] } => Kinds.Command.Read(node, problems, out var words) ? [new CallbackSpec { Command = words }] : [],
            YamlList list => [.. list.Items.Select(item => ReadOne(item, problems)).OfType<CallbackSpec>()],
            _ => ReadOne(node, problems) is { } one ? [one] : [],
        };
        return value.Count > 0;
    }

    private static CallbackSpec? ReadOne(YamlNode node, Problems problems)
    {
        if (node is not YamlMap map)
        {
            problems.Error(node, $"expected {{ webhook: URL }} or {{ command: [...] }}, got {node.Kind}");
            return null;
        }

        var callback = Fields.Read(map, new CallbackSpec(), problems);
        if ((callback.Webhook is null) != (callback.Command is null)) return callback;
        if (map.Entries.Count != 1) problems.Error(node, "a callback has exactly one of 'webhook' and 'command'");
        return null;
    }
}
