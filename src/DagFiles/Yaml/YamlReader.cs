using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using Scalar = YamlDotNet.Core.Events.Scalar;

namespace OrleansFlow.DagFiles.Yaml;

/// <summary>
/// Turns YAML into nodes that know their place. Works on the parser's events rather than on a deserializer: every problem
/// gets its line, nothing is reflected over, and an alias bomb is refused before it is expanded.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>How deep a document may nest; real ones stay below ten.</summary>
    public const int MaxDepth = 64;

    /// <summary>How many aliases a document may have, those within aliased parts counted each time.</summary>
    public const int MaxExpansions = 100;

    /// <summary>How many nodes a document may have with its aliases expanded; 8 MiB without any stay below.</summary>
    private const long MaxNodes = 6_000_000;

    private readonly Parser _parser;
    private readonly Problems _problems;
    private readonly Dictionary<string, YamlNode> _anchors = [];
    private readonly List<string> _path = [];
    private readonly string _expected;
    private int _expansions;
    private long _nodes;

    private YamlReader(string text, Problems problems, string expected)
    {
        _expected = expected;
        _parser = new Parser(new StringReader(text));
        _problems = problems;
    }

    /// <summary>The document's root, or null after a problem was reported that leaves nothing to look at.</summary>
    /// <param name="text">The file.</param>
    /// <param name="problems">Told what is wrong.</param>
    /// <param name="expected">What should have been there, for whoever reads an empty file.</param>
    public static YamlNode? Read(string text, Problems problems, string expected = "a DAG needs at least 'dag:' and 'tasks:'")
    {
        var reader = new YamlReader(text, problems, expected);
        try
        {
            return reader.ReadStream();
        }
        catch (YamlException e)
        {
            var (line, column, message) = YamlHints.Explain(e, text);
            problems.Error(line, column, reader.Path(), message);
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // the scanner is not ours, and some broken input makes it fail in ways it does not document
            reader.Report(reader._parser.Current?.End ?? Mark.Empty, "the YAML cannot be read from here on: check quotes, brackets and indentation");
            return null;
        }
    }

    private YamlNode? ReadStream()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            _problems.Error(1, 1, "", $"the file is empty: {_expected}");
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = ReadNode();
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            Report(second.Start, "a second YAML document begins here: a file holds one, so put each into a file of its own");
        return root;
    }

    private YamlNode ReadNode()
    {
        if (_path.Count > MaxDepth)
            throw At(_parser.Current!, $"the document nests deeper than {MaxDepth} levels");
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return Expand(alias);

        var (expansionsBefore, nodesBefore) = (_expansions, _nodes++);
        var start = _parser.Consume<NodeEvent>();
        CheckTag(start);
        YamlNode node = start switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadList(start),
            _ => ReadMap(start),
        };
        node.Expansions = _expansions - expansionsBefore;
        node.Size = _nodes - nodesBefore;
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor.Value] = node;
        return node;
    }

    private static YamlScalar ReadScalar(Scalar scalar)
    {
        var isPlain = scalar.Style == ScalarStyle.Plain && !(scalar.Tag is { IsEmpty: false, IsNonSpecific: false } tag && tag.Value.EndsWith(":str", StringComparison.Ordinal));
        return new YamlScalar(scalar.Value, isPlain, Line(scalar.Start), Column(scalar.Start));
    }

    private YamlList ReadList(NodeEvent start)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            _path.Add(string.Create(CultureInfo.InvariantCulture, $"[{items.Count}]"));
            items.Add(ReadNode());
            _path.RemoveAt(_path.Count - 1);
        }

        var list = new YamlList(items, Line(start.Start), Column(start.Start));
        for (var i = 0; i < items.Count; i++) items[i].PutInto(list, i);
        return list;
    }

    private YamlMap ReadMap(NodeEvent start)
    {
        var entries = new List<YamlEntry>();
        var names = new Dictionary<string, int>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode();
            var name = key is YamlScalar scalar ? scalar.Text : "";
            _path.Add(name);
            var value = ReadNode();
            if (CheckKey(key, names)) entries.Add(new YamlEntry((YamlScalar)key, value));
            _path.RemoveAt(_path.Count - 1);
        }

        var map = new YamlMap(entries, Line(start.Start), Column(start.Start));
        foreach (var entry in entries)
        {
            entry.Key.PutInto(map, entry.Name);
            entry.Value.PutInto(map, entry.Name);
        }

        return map;
    }

    private bool CheckKey(YamlNode key, Dictionary<string, int> names)
    {
        string? problem = key switch
        {
            YamlMap => "a map cannot be a key; a template must stand in quotes: \"{{ ... }}\"",
            YamlList => "a list cannot be a key: put it in quotes, if it is meant as text",
            YamlScalar { Text: "" } => "there is no key before the ':'",
            YamlScalar { Text: "<<", IsPlain: true } =>
                "merge keys ('<<') are not part of this format: put what tasks share into 'defaults', or into the 'defaults' of a group",
            YamlScalar scalar when !names.TryAdd(scalar.Text, key.Line) =>
                string.Create(CultureInfo.InvariantCulture, $"'{scalar.Text}' is given twice, the first time in line {names[scalar.Text]}: remove one of them"),
            _ => null,
        };
        if (problem is not null) _problems.Error(key.Line, key.Column, Path(), problem);
        return problem is null;
    }

    private YamlNode Expand(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
            throw At(alias, $"there is no '&{alias.Value.Value}' before this '*{alias.Value.Value}'; text that begins with '*' must stand in quotes");

        _expansions += 1 + node.Expansions;
        _nodes += node.Size;
        if (_expansions > MaxExpansions || _nodes > MaxNodes)
            throw At(alias, $"the file expands more than {MaxExpansions} aliases: put what tasks share into 'defaults' or groups instead");
        return node;
    }

    private void CheckTag(NodeEvent start)
    {
        if (start.Tag.IsEmpty || start.Tag.IsNonSpecific) return;
        if (start.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal)) return;
        Report(start.Start, $"the tag '{start.Tag.Value}' means nothing here: remove it, or put the text in quotes");
    }

    private void Report(Mark at, string message) =>
        _problems.Error(Line(at), Column(at), Path(), message);

    private string Path() => string.Join('.', _path).Replace(".[", "[", StringComparison.Ordinal);

    private static YamlException At(ParsingEvent where, string message) => new(where.Start, where.End, message);

    private static int Line(Mark mark) => Math.Max(1, (int)mark.Line);

    private static int Column(Mark mark) => Math.Max(1, (int)mark.Column);
}
