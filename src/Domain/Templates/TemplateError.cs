namespace OrleansFlow.Domain.Templates;

/// <summary>Something wrong in a template or a condition, found before anything runs.</summary>
/// <param name="Line">Line within the text, from 1.</param>
/// <param name="Column">Character within the line, from 1.</param>
/// <param name="Message">A sentence for the user: what is wrong, and what is expected.</param>
public sealed record TemplateError(int Line, int Column, string Message)
{
    internal TemplateError(Position at, string message)
        : this(at.Line, at.Column, message)
    {
    }

    /// <summary><c>message (column 7)</c>, or <c>message (line 2, column 7)</c> beyond the first line.</summary>
    public override string ToString() => $"{Message} ({new Position(Line, Column)})";
}

/// <summary>A place in a text; line and column count from 1.</summary>
internal readonly record struct Position(int Line, int Column)
{
    public override string ToString() => Line == 1 ? $"column {Column}" : $"line {Line}, column {Column}";
}
