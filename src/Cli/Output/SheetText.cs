using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Cli.Output;

/// <summary>One document for people: a line per field that says something, then a table per list.</summary>
internal static class SheetText
{
    public static void Write<T>(TextWriter writer, Paint paint, T document, Shape<T> shape)
    {
        var lines = shape.Columns.Select(f => (f, Cell: f.Cell(document))).Where(l => !string.IsNullOrEmpty(l.Cell)).ToList();
        var width = lines.Count == 0 ? 0 : lines.Max(l => l.f.Column!.Length);
        foreach (var (field, cell) in lines)
        {
            var text = cell!.ReplaceLineEndings("\n" + new string(' ', width + 2)).TrimEnd();
            writer.WriteLine($"{paint.Header(field.Column!.PadRight(width))}  {(field.Paint ? paint.State(text, text) : text)}");
        }

        foreach (var section in shape.Sections)
        {
            var table = section.Table(document);
            if (table.Rows == 0) continue;
            writer.WriteLine();
            writer.WriteLine(paint.Header(section.Title));
            table.Write(writer, paint, "  ");
        }
    }
}
