using System.Globalization;
using System.Text.Json;
using Result = OrleansFlow.Domain.Templates.TemplateResult<System.Text.Json.JsonElement>;

namespace OrleansFlow.Domain.Templates;

/// <summary>Computes the value of an expression. What is missing or of the wrong type is a failure, never an exception.</summary>
internal static class Evaluator
{
    public static Result Evaluate(Expr expr, TemplateContext context) => expr switch
    {
        LiteralExpr literal => new(literal.Value),
        NameExpr name => Name(name, context),
        ListExpr list => List(list, context),
        FilterExpr filter => Filtered(filter, context),
        NotExpr not => Negate(not, context),
        BinaryExpr { Operator: Operator.And or Operator.Or } logic => Logic(logic, context),
        BinaryExpr comparison => Compare(comparison, context),
        _ => throw new ArgumentOutOfRangeException(nameof(expr), expr, "unknown expression"),
    };

    /// <summary>The value of an expression that has to be true or false.</summary>
    public static TemplateResult<bool> Truth(Expr expr, TemplateContext context, string what) => Evaluate(expr, context) switch
    {
        { Failure: { } failure } => new(failure),
        { Value.ValueKind: JsonValueKind.True } => new(true),
        { Value.ValueKind: JsonValueKind.False } => new(false),
        var other => new(new TemplateFailure(TemplateFailureKind.WrongType, expr.At,
            $"{what} must be true or false, got {Json.Describe(other.Value)}")),
    };

    private static Result Name(NameExpr name, TemplateContext context)
    {
        var meaning = Vocabulary.Find(name, context.Scope);
        if (meaning.Problem is { } problem)
            return Fail(TemplateFailureKind.Invalid, name, problem);
        if (meaning.Value(context) is not { } value)
        {
            return meaning.Xcom is { } xcom
                ? Fail(TemplateFailureKind.MissingXcom, name, $"task '{xcom.Task}' left no xcom '{xcom.Key}'; write it in that task, or add | default: VALUE")
                : Fail(TemplateFailureKind.MissingValue, name, $"'{name.Text(meaning.Parts)}' has no value in this run");
        }
        for (var i = meaning.Parts; i < name.Parts.Count; i++)
        {
            if (Step(value, name.Parts[i]) is not { } inner)
                return Fail(TemplateFailureKind.MissingValue, name, $"'{name.Text(i)}' is {Json.Describe(value)} and has no '{name.Parts[i]}'");
            value = inner;
        }
        return new(value);
    }

    private static JsonElement? Step(JsonElement value, string part) => value.ValueKind switch
    {
        JsonValueKind.Object when value.TryGetProperty(part, out var field) => field,
        JsonValueKind.Array when int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < value.GetArrayLength() => value[index],
        _ => null,
    };

    private static Result List(ListExpr list, TemplateContext context)
    {
        var items = new List<JsonElement>(list.Items.Count);
        foreach (var item in list.Items)
        {
            var result = Evaluate(item, context);
            if (!result.Succeeded)
                return result;
            items.Add(result.Value);
        }
        return new(Json.List(items));
    }

    private static Result Filtered(FilterExpr filtered, TemplateContext context)
    {
        var filter = filtered.Filter;
        var input = Evaluate(filtered.Input, context);
        if (filter == Filter.Default && input.Failure is { Kind: TemplateFailureKind.MissingXcom or TemplateFailureKind.MissingValue })
            input = new(Json.Null);
        if (!input.Succeeded)
            return input;

        var arguments = new JsonElement[filtered.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = Evaluate(filtered.Arguments[i], context);
            if (!argument.Succeeded)
                return argument;
            arguments[i] = argument.Value;
        }
        return filter.Apply(input.Value, arguments) is { } value
            ? new(value)
            : Fail(TemplateFailureKind.WrongType, filtered, $"the filter {filter.Name} cannot take {Json.Describe(input.Value)}"
                + string.Concat(arguments.Select(argument => $", {Json.Describe(argument)}")) + $"; it is written | {filter.Usage}");
    }

    private static Result Negate(NotExpr not, TemplateContext context) => Truth(not.Operand, context, "what follows 'not'") switch
    {
        { Failure: { } failure } => new(failure),
        var truth => new(Json.Bool(!truth.Value)),
    };

    private static Result Logic(BinaryExpr logic, TemplateContext context)
    {
        var decisive = logic.Operator == Operator.Or;
        var side = decisive ? "a side of 'or'" : "a side of 'and'";
        var left = Truth(logic.Left, context, side);
        // the right side is not looked at when the left one decides
        var result = left.Succeeded && left.Value != decisive ? Truth(logic.Right, context, side) : left;
        return result.Succeeded ? new(Json.Bool(result.Value)) : new(result.Failure);
    }

    private static Result Compare(BinaryExpr comparison, TemplateContext context)
    {
        var left = Evaluate(comparison.Left, context);
        if (!left.Succeeded)
            return left;
        var right = Evaluate(comparison.Right, context);
        if (!right.Succeeded)
            return right;

        var order = Order(left.Value, right.Value);
        bool? answer = comparison.Operator switch
        {
            Operator.Equal => JsonElement.DeepEquals(left.Value, right.Value),
            Operator.NotEqual => !JsonElement.DeepEquals(left.Value, right.Value),
            Operator.In => IsIn(left.Value, right.Value),
            Operator.NotIn => !IsIn(left.Value, right.Value),
            _ when order is null => null,
            Operator.Less => order < 0,
            Operator.LessOrEqual => order <= 0,
            Operator.Greater => order > 0,
            Operator.GreaterOrEqual => order >= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison.Operator, "no comparison"),
        };
        return answer is { } value
            ? new(Json.Bool(value))
            : Fail(TemplateFailureKind.WrongType, comparison, $"cannot compare {Json.Describe(left.Value)} with {Json.Describe(right.Value)}");
    }

    /// <summary>Numbers by value, texts by character code (so do ISO dates); null for anything else.</summary>
    private static int? Order(JsonElement left, JsonElement right) => (left.ValueKind, right.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => left.TryGetDecimal(out var a) && right.TryGetDecimal(out var b)
            ? a.CompareTo(b)
            : left.GetDouble().CompareTo(right.GetDouble()),
        (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(left.GetString(), right.GetString()),
        _ => null,
    };

    /// <summary>An element of a list, a part of a text, or a key of an object; null for anything else.</summary>
    private static bool? IsIn(JsonElement item, JsonElement whole) => (item.ValueKind, whole.ValueKind) switch
    {
        (_, JsonValueKind.Array) => whole.EnumerateArray().Any(element => JsonElement.DeepEquals(element, item)),
        (JsonValueKind.String, JsonValueKind.String) => whole.GetString()!.Contains(item.GetString()!, StringComparison.Ordinal),
        (JsonValueKind.String, JsonValueKind.Object) => whole.TryGetProperty(item.GetString()!, out _),
        _ => null,
    };

    private static Result Fail(TemplateFailureKind kind, Expr at, string message) => new(new TemplateFailure(kind, at.At, message));
}
