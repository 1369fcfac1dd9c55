using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Output;

/// <summary>
/// The one description of a document: its fields in order, with their names in JSON and YAML and, where a table shows them, the
/// column. Every format is written from it, so they cannot drift. Built once, read by any thread.
/// </summary>
internal sealed class Shape<T>
{
    private readonly List<Field> _fields = [];
    private readonly List<Section> _sections = [];

    /// <summary>The columns of a table, in order.</summary>
    public IEnumerable<Field> Columns => _fields.Where(f => f.Column is not null);

    /// <summary>The lists below the fields, each a table of its own.</summary>
    public IReadOnlyList<Section> Sections => _sections;

    /// <summary>A text.</summary>
    public Shape<T> Text(string name, Func<T, string?> value, string? column = null) =>
        Add(name, column, t => value(t), t => value(t));

    /// <summary>A number.</summary>
    public Shape<T> Number(string name, Func<T, long?> value, string? column = null) =>
        Add(name, column, t => value(t), t => value(t)?.ToString(CultureInfo.InvariantCulture), right: true);

    /// <summary>A size in bytes; a table shows it with a unit.</summary>
    public Shape<T> Size(string name, Func<T, long?> value, string? column = null) =>
        Add(name, column, t => value(t), t => value(t) is { } bytes ? Words.Size(bytes) : null, right: true);

    /// <summary>True or false; a table shows yes or nothing.</summary>
    public Shape<T> Flag(string name, Func<T, bool> value, string? column = null) =>
        Add(name, column, t => value(t), t => value(t) ? "yes" : null);

    /// <summary>An instant: ISO 8601 in UTC.</summary>
    public Shape<T> Instant(string name, Func<T, DateTimeOffset?> value, string? column = null) =>
        Add(name, column, t => value(t) is { } at ? Words.Iso(at) : null, t => value(t) is { } at ? Words.Time(at) : null);

    /// <summary>A member of an enum by its stored name; a table paints states.</summary>
    public Shape<T> Name<TEnum>(string name, Func<T, TEnum?> value, string? column = null) where TEnum : struct, Enum =>
        Add(name, column, t => Of(value(t)), t => Of(value(t)), paint: true);

    /// <summary>A text that is JSON already, embedded as it is.</summary>
    public Shape<T> Json(string name, Func<T, string?> value) => Add(name, null, t => Parse(value(t)), t => value(t));

    /// <summary>Several texts.</summary>
    public Shape<T> Texts(string name, Func<T, IEnumerable<string>> value, string? column = null) => Add(
        name, column, t => new JsonArray([.. value(t).Select(v => (JsonNode?)v)]), t => string.Join(", ", value(t)));

    /// <summary>Numbers by the names of an enum's members, those that are absent left out.</summary>
    public Shape<T> Counts<TEnum>(string name, Func<T, IReadOnlyDictionary<TEnum, int>> value, string? column = null)
        where TEnum : struct, Enum => Add(
            name,
            column,
            t => new JsonObject(Ordered(value(t)).Select(c => KeyValuePair.Create(c.Name, (JsonNode?)c.Count))),
            t => string.Join(", ", Ordered(value(t)).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Count} {c.Name}"))));

    /// <summary>A list of documents of another shape; a sheet shows it as a table under a title.</summary>
    public Shape<T> List<TItem>(string name, Func<T, IReadOnlyList<TItem>> value, Shape<TItem> shape, string? title = null)
    {
        _fields.Add(new Field(name, null, t => new JsonArray([.. value(t).Select(i => (JsonNode?)shape.ToJson(i))]), _ => null, false, false));
        if (title is not null) _sections.Add(new Section(title, t => new TableText<TItem>(shape, value(t))));
        return this;
    }

    /// <summary>A column that tables only have: something that the other formats say with other fields.</summary>
    public Shape<T> Column(string column, Func<T, string?> cell, bool right = false)
    {
        _fields.Add(new Field(null, column, null, cell, right, false));
        return this;
    }

    /// <summary>The document as JSON and YAML show it.</summary>
    public JsonObject ToJson(T document)
    {
        var json = new JsonObject();
        foreach (var field in _fields)
            if (field.Name is { } name)
                json.Add(name, field.Value!(document));
        return json;
    }

    private Shape<T> Add(
        string name, string? column, Func<T, JsonNode?> value, Func<T, string?> cell, bool right = false, bool paint = false)
    {
        _fields.Add(new Field(name, column, value, cell, right, paint));
        return this;
    }

    private static string? Of<TEnum>(TEnum? value) where TEnum : struct, Enum => value is { } v ? Names.Of(v) : null;

    private static IEnumerable<(string Name, int Count)> Ordered<TEnum>(IReadOnlyDictionary<TEnum, int> counts)
        where TEnum : struct, Enum => counts.Where(c => c.Value > 0).OrderBy(c => c.Key).Select(c => (Names.Of(c.Key), c.Value));

    private static JsonNode? Parse(string? json)
    {
        if (json is null) return null;
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return json;
        }
    }

    /// <summary>A field of a document, a column of a table, or both.</summary>
    /// <param name="Name">The name in JSON and YAML; null: only a column.</param>
    /// <param name="Column">The column's header; null: no column.</param>
    /// <param name="Value">The value; null when there is no name.</param>
    /// <param name="Cell">The text of the cell.</param>
    /// <param name="Right">Aligned to the right.</param>
    /// <param name="Paint">The cell is a state and gets its colour.</param>
    internal sealed record Field(
        string? Name, string? Column, Func<T, JsonNode?>? Value, Func<T, string?> Cell, bool Right, bool Paint);

    /// <summary>A list below the fields of a sheet.</summary>
    /// <param name="Title">What it is called.</param>
    /// <param name="Table">Its rows.</param>
    internal sealed record Section(string Title, Func<T, ITableText> Table);
}
