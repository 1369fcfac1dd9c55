using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Domain.Expressions;

/// <summary>
/// The language of <c>when:</c>: comparisons (<c>== != &lt; &lt;= &gt; &gt;=</c>), <c>in</c>, <c>not in</c>, <c>and</c>, <c>or</c>,
/// <c>not</c>, parentheses, literals (<c>'text'</c>, <c>1.5</c>, <c>true</c>, <c>false</c>, <c>null</c>, <c>[1, 2]</c>), and the names
/// and filters of templates; with or without <c>{{ }}</c> around the whole. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <c>==</c> compares JSON values: <c>1 == 1.0</c>, but <c>1 != '1'</c>. The order of texts is that of their characters, so that
/// dates such as <c>ds</c> compare well; other types have no order. <c>in</c> looks for an element of a list, a part of a text
/// or a key of an object. <c>and</c> and <c>or</c> take truth values only, and their right side only when it matters.
/// </remarks>
public sealed class Condition
{
    private readonly Expr _expr;

    private Condition(string text, Expr expr) => (Text, _expr) = (text, expr);

    /// <summary>The text as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether any xcom is read.</summary>
    public bool UsesXcom => Names.Any(name => name.Parts[0] == "xcom");

    /// <summary>The names that occur, dotted, in order, each once.</summary>
    public IReadOnlyList<string> References => [.. Names.Select(name => name.ToString()).Distinct(StringComparer.Ordinal)];

    private IEnumerable<NameExpr> Names => _expr.All().OfType<NameExpr>();

    /// <summary>Reads a condition; names are not yet looked at (<see cref="Check(TemplateScope)"/>).</summary>
    /// <param name="text">What was written.</param>
    /// <param name="condition">The condition; null when there is an error.</param>
    /// <param name="error">The first error; null when there is none.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out Condition? condition, [NotNullWhen(false)] out TemplateError? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = text.Length - text.AsSpan().TrimStart().Length;
        var braced = text.AsSpan(start).StartsWith("{{");
        var lexer = new Lexer(text, braced ? start + 2 : 0);
        (var expr, error) = Parser.Parse(lexer, braced ? TokenKind.Close : TokenKind.End);

        if (error is null && !text.AsSpan(lexer.Offset).IsWhiteSpace())
            error = new TemplateError(lexer.Here, "a condition is one expression: put one pair of {{ }} around the whole, or none");
        if (error is null && expr is LiteralExpr { Value.ValueKind: not (JsonValueKind.True or JsonValueKind.False) } or ListExpr)
            error = new TemplateError(expr.At, "a condition must be true or false");

        condition = error is null ? new Condition(text, expr!) : null;
        return condition is not null;
    }

    /// <summary>Every error of a text in a scope: that of its syntax, or else those of its names. Empty: it is fine.</summary>
    public static IReadOnlyList<TemplateError> Check(string text, TemplateScope scope) =>
        TryParse(text, out var condition, out var error) ? condition.Check(scope) : [error];

    /// <summary>The names that do not exist in a scope, with a hint where one is near.</summary>
    public IReadOnlyList<TemplateError> Check(TemplateScope scope) => Checker.Check(Names, scope);

    /// <summary>The xcoms that are read, each once: what to load before evaluating.</summary>
    public IReadOnlyList<XcomReference> Xcoms(TemplateScope scope) => Checker.Xcoms(Names, scope);

    /// <summary>Whether the condition holds; a failure when a value is missing or is no truth value.</summary>
    public TemplateResult<bool> Evaluate(TemplateContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Evaluator.Truth(_expr, context, "a condition");
    }

    /// <summary>The text as it was written.</summary>
    public override string ToString() => Text;
}
