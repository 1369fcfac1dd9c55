using System.Text.Json;

namespace OrleansFlow.Domain.Templates;

/// <summary>An expression, as it was written.</summary>
internal abstract record Expr(Position At)
{
    /// <summary>This expression and all those within it.</summary>
    public IEnumerable<Expr> All()
    {
        IEnumerable<Expr> parts = this switch
        {
            ListExpr list => list.Items,
            FilterExpr filter => filter.Arguments.Prepend(filter.Input),
            NotExpr not => [not.Operand],
            BinaryExpr binary => [binary.Left, binary.Right],
            _ => [],
        };
        return parts.SelectMany(part => part.All()).Prepend(this);
    }
}

internal sealed record LiteralExpr(Position At, JsonElement Value) : Expr(At);

/// <summary>A dotted name; parts in brackets are parts like others: <c>params["x-y"].z[0]</c> has four.</summary>
internal sealed record NameExpr(Position At, IReadOnlyList<string> Parts) : Expr(At)
{
    public override string ToString() => Text(Parts.Count);

    /// <summary>The first parts as a dotted text.</summary>
    public string Text(int count) => string.Join('.', Parts.Take(count));
}

internal sealed record ListExpr(Position At, IReadOnlyList<Expr> Items) : Expr(At);

internal sealed record FilterExpr(Position At, Expr Input, Filter Filter, IReadOnlyList<Expr> Arguments) : Expr(At);

internal sealed record NotExpr(Position At, Expr Operand) : Expr(At);

internal sealed record BinaryExpr(Position At, Expr Left, Operator Operator, Expr Right) : Expr(At);

internal enum Operator
{
    Or = 1,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}
