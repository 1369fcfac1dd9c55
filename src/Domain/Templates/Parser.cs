using System.Text.Json;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Templates;

/// <summary>
/// Reads one expression by recursive descent. Loosest first: <c>or</c>, <c>and</c>, <c>not</c>, one comparison, filters.
/// </summary>
/// <remarks>The first error is kept and the rest of the text is taken as ended, so that every loop falls through.</remarks>
internal sealed class Parser
{
    // more is no human's, and would exhaust the stack: of this parser, or of whoever walks the tree
    private const int MaxDepth = 64;
    private const int MaxOperators = 250;

    private static readonly Dictionary<string, Operator> Comparisons = new(StringComparer.Ordinal)
    {
        ["=="] = Operator.Equal,
        ["!="] = Operator.NotEqual,
        ["<"] = Operator.Less,
        ["<="] = Operator.LessOrEqual,
        [">"] = Operator.Greater,
        [">="] = Operator.GreaterOrEqual,
    };

    private static readonly Dictionary<string, string> OtherLanguages = new(StringComparer.Ordinal)
    {
        ["="] = "==",
        ["&&"] = "and",
        ["||"] = "or",
        ["!"] = "not",
    };

    private readonly Lexer _lexer;
    private Token _token;
    private int _depth;
    private int _operators;

    private Parser(Lexer lexer)
    {
        _lexer = lexer;
        Advance();
    }

    private TemplateError? Error { get; set; }

    /// <summary>Reads an expression and the token that ends it; the lexer then stands behind that token.</summary>
    public static (Expr? Expr, TemplateError? Error) Parse(Lexer lexer, TokenKind end)
    {
        var parser = new Parser(lexer);
        var expr = parser.Or();
        if (parser.Error is null && parser._token.Kind != end)
            parser.Unexpected(end == TokenKind.Close ? "'}}'" : "the end of the text");
        return parser.Error is null ? (expr, null) : (null, parser.Error);
    }

    private Expr Or()
    {
        if (++_depth > MaxDepth)
            Fail(_token.At, $"parentheses, lists and 'not' nest at most {MaxDepth} deep");
        var left = And();
        while (_token.IsWord("or"))
            left = new BinaryExpr(AdvanceOperator(), left, Operator.Or, And());
        _depth--;
        return left;
    }

    private Expr And()
    {
        var left = Not();
        while (_token.IsWord("and"))
            left = new BinaryExpr(AdvanceOperator(), left, Operator.And, Not());
        return left;
    }

    private Expr Not()
    {
        if (!_token.IsWord("not"))
            return Comparison();
        if (++_depth > MaxDepth)
            Fail(_token.At, $"parentheses, lists and 'not' nest at most {MaxDepth} deep");
        var not = new NotExpr(Advance().At, Not());
        _depth--;
        return not;
    }

    private Expr Comparison()
    {
        var left = Filtered();
        if (ComparisonOperator() is not var (at, op))
            return left;
        var comparison = new BinaryExpr(at, left, op, Filtered());
        if (ComparisonOperator() is var (second, _))
            Fail(second, "comparisons cannot be chained: join two of them by 'and'");
        return comparison;
    }

    private (Position At, Operator Operator)? ComparisonOperator()
    {
        if (_token.Kind == TokenKind.Symbol && Comparisons.TryGetValue(_token.Text, out var comparison))
            return (Advance().At, comparison);
        if (_token.IsWord("in"))
            return (Advance().At, Operator.In);
        if (!_token.IsWord("not"))
            return null;
        var at = Advance().At;
        if (_token.IsWord("in"))
            Advance();
        else
            Unexpected("'in' after 'not'");
        return (at, Operator.NotIn);
    }

    private Expr Filtered()
    {
        var input = Primary();
        while (_token.Is("|"))
        {
            AdvanceOperator();
            var name = _token;
            if (name.Kind != TokenKind.Name)
                Unexpected("the name of a filter");
            else if (Filter.Find(name.Text) is { } filter)
                input = Apply(filter, input);
            else
                Fail(name.At, $"unknown filter '{name.Text}'.{DidYouMean.Hint(name.Text, Filter.Names)} Known are {string.Join(", ", Filter.Names)}");
        }
        return input;
    }

    private FilterExpr Apply(Filter filter, Expr input)
    {
        var at = Advance().At;
        var arguments = new List<Expr>();
        if (filter.Arguments > 0)
        {
            if (!_token.Is(":"))
                Fail(_token.At, $"the filter {filter.Name} is written | {filter.Usage}");
            while (arguments.Count < filter.Arguments && (_token.Is(":") || _token.Is(",")))
            {
                Advance();
                arguments.Add(Primary());
            }
            if (arguments.Count < filter.Arguments)
                Fail(_token.At, $"the filter {filter.Name} is written | {filter.Usage}");
        }
        if (arguments is [LiteralExpr { Value: { ValueKind: JsonValueKind.String } text } first, ..] && filter.CheckText(text.GetString()!) is { } problem)
            Fail(first.At, problem);
        return new FilterExpr(at, input, filter, arguments);
    }

    private Expr Primary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.String:
                Advance();
                return new LiteralExpr(token.At, Json.Text(token.Text));
            case TokenKind.Number:
                Advance();
                return new LiteralExpr(token.At, JsonElement.Parse(token.Text));
            case TokenKind.Name:
                return Word(token);
            case TokenKind.Symbol when token.Is("("):
                Advance();
                var inner = Or();
                Expect(")");
                return inner;
            case TokenKind.Symbol when token.Is("["):
                return List();
            default:
                Unexpected("a name or a value");
                return new LiteralExpr(token.At, Json.Null);
        }
    }

    private ListExpr List()
    {
        var at = Advance().At;
        var items = new List<Expr>();
        while (!_token.Is("]") && Error is null)
        {
            items.Add(Or());
            if (!_token.Is(","))
                break;
            Advance();
        }
        Expect("]");
        return new ListExpr(at, items);
    }

    private Expr Word(Token token)
    {
        JsonElement? literal = token.Text switch
        {
            "true" or "True" => Json.True,
            "false" or "False" => Json.False,
            "null" or "None" => Json.Null,
            _ => null,
        };
        if (literal is { } value)
        {
            Advance();
            return new LiteralExpr(token.At, value);
        }
        if (token.Text is "and" or "or" or "in")
        {
            Unexpected("a name or a value");
            return new LiteralExpr(token.At, Json.Null);
        }

        var parts = new List<string> { token.Text };
        while (Error is null)
        {
            if (_lexer.DottedPart() is { } part)
                parts.Add(part);
            else if (_lexer.AtBracket)
                parts.Add(BracketedPart());
            else
                break;
        }
        Advance();
        if (_token.Is("."))
            Fail(_token.At, $"a name is missing around the dot after '{string.Join('.', parts)}'");
        return new NameExpr(token.At, parts);
    }

    /// <summary>Reads <c>["text"]</c> or <c>[0]</c>; the lexer then stands behind the bracket.</summary>
    private string BracketedPart()
    {
        Advance();
        Advance();
        var key = Advance();
        if (Error is not null)
            return "";
        if (key.Kind == TokenKind.Number ? key.Text.All(char.IsAsciiDigit) : key.Kind == TokenKind.String)
        {
            if (!_token.Is("]"))
                Unexpected("']'");
            return key.Text;
        }
        Fail(key.At, "in brackets stands a text in quotes or a number from 0");
        return "";
    }

    private Token Advance()
    {
        var passed = _token;
        if (Error is not null)
            return passed;
        _token = _lexer.Next();
        if (_token.Kind == TokenKind.Bad)
            Fail(_token.At, _token.Text);
        return passed;
    }

    private Position AdvanceOperator()
    {
        var at = Advance().At;
        if (++_operators > MaxOperators)
            Fail(at, $"the expression is too long: at most {MaxOperators} filters, 'and' and 'or'");
        return at;
    }

    private void Expect(string symbol)
    {
        if (_token.Is(symbol))
            Advance();
        else
            Unexpected($"'{symbol}'");
    }

    private void Unexpected(string expected)
    {
        var message = _token switch
        {
            { Kind: TokenKind.Symbol } when OtherLanguages.TryGetValue(_token.Text, out var ours) =>
                $"'{_token.Text}' is not known here. Did you mean '{ours}'?",
            { Kind: TokenKind.Symbol, Text: "+" or "*" or "/" or "%" } => $"there is no arithmetic here: '{_token.Text}'",
            _ => $"expected {expected}, got {_token}",
        };
        Fail(_token.At, message);
    }

    private void Fail(Position at, string message)
    {
        Error ??= new TemplateError(at, message);
        _token = new Token(TokenKind.End, "", at);
    }
}
