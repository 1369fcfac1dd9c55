using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace OrleansFlow.Domain.Templates;

/// <summary>
/// A text with expressions in double braces, such as <c>s3://{{ params.bucket }}/{{ ts_nodash }}.csv</c>. Literal braces are
/// written <c>{{ '{{' }}</c>. Parse once, check when the DAG is applied, render per attempt.
/// Immutable and thread-safe.
/// </summary>
public sealed class Template
{
    private const string Open = "{{";

    /// <summary>Literal texts and expressions, in turn.</summary>
    private readonly IReadOnlyList<object> _pieces;

    private Template(string text, IReadOnlyList<object> pieces) => (Text, _pieces) = (text, pieces);

    /// <summary>The text as it was written.</summary>
    public string Text { get; }

    /// <summary>
    /// Whether the whole text is one expression, so that <see cref="Evaluate"/> gives its JSON value rather than text.
    /// </summary>
    public bool IsExpression => _pieces is [Expr];

    /// <summary>Whether any xcom is read: if not, values can be rendered without loading xcoms.</summary>
    public bool UsesXcom => Names.Any(name => name.Parts[0] == "xcom");

    /// <summary>The names that occur, dotted, in order, each once: <c>params.bucket</c>, <c>ts_nodash</c>.</summary>
    public IReadOnlyList<string> References => [.. Names.Select(name => name.ToString()).Distinct(StringComparer.Ordinal)];

    private IEnumerable<NameExpr> Names => _pieces.OfType<Expr>().SelectMany(expr => expr.All()).OfType<NameExpr>();

    /// <summary>Whether a text holds no expression, told without parsing it: it renders as itself.</summary>
    public static bool IsLiteral(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return !text.Contains(Open, StringComparison.Ordinal);
    }

    /// <summary>Reads a text; names are not yet looked at (<see cref="Check(TemplateScope)"/>).</summary>
    /// <param name="text">What was written.</param>
    /// <param name="template">The template; null when there are errors.</param>
    /// <param name="errors">The first error of each expression.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Template? template, out IReadOnlyList<TemplateError> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pieces = new List<object>();
        var found = new List<TemplateError>();
        var offset = 0;
        while (text.IndexOf(Open, offset, StringComparison.Ordinal) is var open and >= 0)
        {
            if (open > offset)
                pieces.Add(text[offset..open]);
            var lexer = new Lexer(text, open + Open.Length);
            var opened = new Position(lexer.Here.Line, lexer.Here.Column - Open.Length);
            var (expr, error) = Parser.Parse(lexer, TokenKind.Close);
            if (expr is not null)
            {
                pieces.Add(expr);
                offset = lexer.Offset;
                continue;
            }
            found.Add(Explain(text, open, opened, error!));
            var close = text.IndexOf("}}", lexer.Offset, StringComparison.Ordinal);
            offset = close < 0 ? text.Length : close + 2;
        }
        if (offset < text.Length)
            pieces.Add(text[offset..]);

        errors = found;
        template = found.Count == 0 ? new Template(text, pieces) : null;
        return template is not null;
    }

    /// <summary>Every error of a text in a scope: those of its syntax, or else those of its names. Empty: it is fine.</summary>
    public static IReadOnlyList<TemplateError> Check(string text, TemplateScope scope) =>
        IsLiteral(text) ? []
        : TryParse(text, out var template, out var errors) ? template.Check(scope)
        : errors;

    /// <summary>
    /// Renders a text at once; one without expressions costs nothing. A text that is no template is a failure of kind
    /// <see cref="TemplateFailureKind.Invalid"/>.
    /// </summary>
    public static TemplateResult<string> Render(string text, TemplateContext context) =>
        IsLiteral(text) ? new(text)
        : TryParse(text, out var template, out var errors) ? template.Render(context)
        : new(new TemplateFailure(TemplateFailureKind.Invalid, errors[0].ToString()));

    /// <summary>The names that do not exist in a scope, with a hint where one is near.</summary>
    public IReadOnlyList<TemplateError> Check(TemplateScope scope) => Checker.Check(Names, scope);

    /// <summary>The xcoms that are read, each once: what to load before rendering. Names unknown to the scope are left out.</summary>
    public IReadOnlyList<XcomReference> Xcoms(TemplateScope scope) => Checker.Xcoms(Names, scope);

    /// <summary>The text with values in place: strings as they are, everything else as compact JSON.</summary>
    public TemplateResult<string> Render(TemplateContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var text = new StringBuilder();
        foreach (var piece in _pieces)
        {
            if (piece is not Expr expr)
            {
                text.Append((string)piece);
                continue;
            }
            var result = Evaluator.Evaluate(expr, context);
            if (!result.Succeeded)
                return new(result.Failure);
            text.Append(Json.Show(result.Value));
        }
        return new(text.ToString());
    }

    /// <summary>The JSON value of a text that is one expression; of any other, its rendered text as a JSON string.</summary>
    public TemplateResult<JsonElement> Evaluate(TemplateContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (_pieces is [Expr expr])
            return Evaluator.Evaluate(expr, context);
        var text = Render(context);
        return text.Succeeded ? new(Json.Text(text.Value)) : new(text.Failure);
    }

    /// <summary>The text as it was written.</summary>
    public override string ToString() => Text;

    /// <summary>Texts of other tools, <c>'{{.Names}}'</c> for instance, hold braces too: say how to keep them.</summary>
    private static TemplateError Explain(string text, int open, Position opened, TemplateError error)
    {
        if (text.IndexOf("}}", open, StringComparison.Ordinal) < 0)
            return new TemplateError(opened, $"'{{{{' has no '}}}}'. {Escape}");
        var first = text.AsSpan(open + Open.Length).TrimStart();
        return first.IsEmpty || !(char.IsAsciiLetterOrDigit(first[0]) || first[0] is '\'' or '"' or '(' or '[' or '_' or '-')
            ? error with { Message = $"{error.Message}. {Escape}" }
            : error;
    }

    private const string Escape = "Braces that are meant literally are written {{ '{{' }}";
}
