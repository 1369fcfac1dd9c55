using System.Globalization;

namespace OrleansFlow.DagFiles.Yaml;

/// <summary>A piece of a YAML file that knows where it stands. Line and column count from 1.</summary>
internal abstract class YamlNode(int line, int column)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>The node this one was written in; an alias leads to where its anchor was written.</summary>
    public YamlNode? Parent { get; private set; }

    /// <summary>The name within the parent: a key, or <c>[3]</c>.</summary>
    public string Segment { get; private set; } = "";

    /// <summary>Aliases in this subtree, counted as often as they would be expanded.</summary>
    public int Expansions { get; set; }

    /// <summary>Nodes in this subtree, aliases expanded.</summary>
    public long Size { get; set; } = 1;

    /// <summary><c>tasks.train_model.retries</c>; empty for the whole document.</summary>
    public string Path
    {
        get
        {
            if (Parent is null) return Segment;
            var outer = Parent.Path;
            return outer.Length == 0 || Segment.StartsWith('[') ? outer + Segment : $"{outer}.{Segment}";
        }
    }

    /// <summary>What people call this kind of node.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether this is YAML's <c>null</c>, <c>~</c> or nothing at all.</summary>
    public bool IsNull => this is YamlScalar { IsPlain: true } scalar && YamlScalars.IsNull(scalar.Text);

    /// <summary>Remembers where the node stands; only the first call counts, so that aliases keep their anchor's place.</summary>
    public void PutInto(YamlNode parent, string segment)
    {
        if (Parent is not null || Segment.Length > 0) return;
        Parent = parent;
        Segment = segment;
    }

    public void PutInto(YamlNode parent, int index) => PutInto(parent, string.Create(CultureInfo.InvariantCulture, $"[{index}]"));
}

/// <summary>A single value as it was written, escapes resolved.</summary>
internal sealed class YamlScalar(string text, bool isPlain, int line, int column) : YamlNode(line, column)
{
    public string Text { get; } = text;

    /// <summary>Written without quotes: may be a number, a boolean or null. Otherwise it is text.</summary>
    public bool IsPlain { get; } = isPlain;

    public override string Kind => IsNull ? "nothing" : IsPlain ? $"'{Shorten(Text)}'" : $"the text '{Shorten(Text)}'";

    private static string Shorten(string text) => text.Length <= 60 ? text.ReplaceLineEndings(" ") : text[..57].ReplaceLineEndings(" ") + "...";
}

internal sealed class YamlList(IReadOnlyList<YamlNode> items, int line, int column) : YamlNode(line, column)
{
    public IReadOnlyList<YamlNode> Items { get; } = items;

    public override string Kind => "a list";
}

/// <summary>A key of a map with its value.</summary>
internal readonly record struct YamlEntry(YamlScalar Key, YamlNode Value)
{
    public string Name => Key.Text;
}

internal sealed class YamlMap(IReadOnlyList<YamlEntry> entries, int line, int column) : YamlNode(line, column)
{
    /// <summary>The entries in the order of the file; keys are unique.</summary>
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;

    public override string Kind => "a map";

    public YamlNode? Find(string name)
    {
        foreach (var entry in Entries)
            if (entry.Name == name)
                return entry.Value;
        return null;
    }
}
