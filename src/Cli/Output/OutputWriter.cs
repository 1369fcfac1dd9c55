using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Cli.Output;

/// <summary>How results are written.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table = 1,

    /// <summary>One JSON document; one object per line for what is followed.</summary>
    Json = 2,

    /// <summary>The same names in YAML; one document each for what is followed.</summary>
    Yaml = 3,
}

/// <summary>Writes results to standard output in the format that was asked for.</summary>
internal sealed class OutputWriter(TextWriter writer, OutputFormat format, Paint paint)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether people read it.</summary>
    public bool ForPeople => format == OutputFormat.Table;

    /// <summary>The colours of tables.</summary>
    public Paint Paint => paint;

    /// <summary>For what only people are shown.</summary>
    public TextWriter Plain => writer;

    /// <summary>A list: a table, an array.</summary>
    public void List<T>(IReadOnlyList<T> items, Shape<T> shape)
    {
        if (!ForPeople) Document(new JsonArray([.. items.Select(i => (JsonNode?)shape.ToJson(i))]));
        else if (items.Count > 0) new TableText<T>(shape, items).Write(writer, paint);
    }

    /// <summary>One document: its fields one per line and its lists as tables, or an object.</summary>
    public void Show<T>(T document, Shape<T> shape)
    {
        if (ForPeople) SheetText.Write(writer, paint, document, shape);
        else Document(shape.ToJson(document));
    }

    /// <summary>One of a stream of documents: written at once, JSON on one line.</summary>
    public void Next<T>(T document, Shape<T> shape, Func<T, string> line)
    {
        switch (format)
        {
            case OutputFormat.Json:
                writer.WriteLine(shape.ToJson(document).ToJsonString(OneLine));
                break;
            case OutputFormat.Yaml:
                writer.WriteLine("---");
                YamlText.Write(writer, shape.ToJson(document));
                break;
            default:
                writer.WriteLine(line(document));
                break;
        }

        writer.Flush();
    }

    /// <summary>Writes a list as its items come, without holding it: one array in JSON, one sequence in YAML. Call <see cref="End"/> last.</summary>
    public void Item<T>(T document, Shape<T> shape, ref int count)
    {
        if (format == OutputFormat.Yaml)
        {
            YamlText.Write(writer, new JsonArray(shape.ToJson(document)));
        }
        else
        {
            writer.Write(count == 0 ? "[\n  " : ",\n  ");
            writer.Write(shape.ToJson(document).ToJsonString(OneLine));
        }

        count++;
    }

    /// <summary>Ends a list of that many items.</summary>
    public void End(int count)
    {
        if (count == 0) writer.WriteLine("[]");
        else if (format == OutputFormat.Json) writer.WriteLine("\n]");
    }

    /// <summary>A document that has no shape of its own.</summary>
    public void Document(JsonNode document)
    {
        if (format == OutputFormat.Yaml) YamlText.Write(writer, document);
        else writer.WriteLine(document.ToJsonString(Indented));
    }
}
