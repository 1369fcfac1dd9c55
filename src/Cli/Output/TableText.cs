using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Cli.Output;

/// <summary>A table that can be written.</summary>
internal interface ITableText
{
    /// <summary>How many rows it has.</summary>
    int Rows { get; }

    /// <summary>Writes it, header first.</summary>
    void Write(TextWriter writer, Paint paint, string indent = "");
}

/// <summary>Aligned columns with a header; columns without a single cell are left out.</summary>
internal sealed class TableText<T>(Shape<T> shape, IReadOnlyList<T> items) : ITableText
{
    private const string Gap = "  ";

    /// <inheritdoc/>
    public int Rows => items.Count;

    /// <inheritdoc/>
    public void Write(TextWriter writer, Paint paint, string indent = "")
    {
        var columns = shape.Columns.Select(field => new Cells(field, [.. items.Select(i => Clean(field.Cell(i)))])).ToList();
        columns.RemoveAll(c => c.Texts.All(t => t.Length == 0));
        Line(writer, indent, [.. columns.Select(c => paint.Header(Pad(c.Field, c.Field.Column!, c.Width, c == columns[^1])))]);
        for (var row = 0; row < items.Count; row++)
            Line(writer, indent, [.. columns.Select(c => Cell(c, row, paint, c == columns[^1]))]);
    }

    private static string Cell(Cells column, int row, Paint paint, bool last)
    {
        var text = column.Texts[row];
        var padded = Pad(column.Field, text, column.Width, last);
        return column.Field.Paint ? paint.State(text, padded) : padded;
    }

    private static string Pad(Shape<T>.Field field, string text, int width, bool last) =>
        field.Right ? text.PadLeft(width) : last ? text : text.PadRight(width);

    private static void Line(TextWriter writer, string indent, IReadOnlyList<string> cells) =>
        writer.WriteLine((indent + string.Join(Gap, cells)).TrimEnd());

    /// <summary>A cell is one line.</summary>
    private static string Clean(string? text) => text is null ? "" : text.ReplaceLineEndings(" ").Trim();

    private sealed record Cells(Shape<T>.Field Field, IReadOnlyList<string> Texts)
    {
        public int Width { get; } = Math.Max(Field.Column!.Length, Texts.Count == 0 ? 0 : Texts.Max(t => t.Length));
    }
}
