using OrleansFlow.Domain.Expressions;
using OrleansFlow.Domain.Templates;
using static OrleansFlow.Tests.Unit.Domain.Templates.TemplateFacts;

namespace OrleansFlow.Tests.Unit.Domain.Expressions;

public class ConditionTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("False", false)]
    [InlineData("params.flag", true)]
    [InlineData("{{ params.flag }}", true)]
    [InlineData("  {{ not params.flag }} ", false)]
    [InlineData("params.n == 5", true)]
    [InlineData("params.n == 5.0", true)]
    [InlineData("params.n == '5'", false)]
    [InlineData("params.n != '5'", true)]
    [InlineData("params.n < 5.5 and params.n >= 5", true)]
    [InlineData("params.n > 5 or params.n <= 4", false)]
    [InlineData("params.ratio <= 0.5", true)]
    [InlineData("params.n > -1", true)]
    [InlineData("ds < '2024-02-01'", true)]
    [InlineData("ds == '2024-01-05'", true)]
    [InlineData("params.files == ['a.csv', 'b.csv']", true)]
    [InlineData("'a.csv' in params.files", true)]
    [InlineData("'c.csv' not in params.files", true)]
    [InlineData("5.0 in [1, params.n]", true)]
    [InlineData("'Art' in params.bucket", true)]
    [InlineData("'deep' in params.nested", true)]
    [InlineData("params.nothing == null", true)]
    [InlineData("params.bucket | lower == 'ml-artifacts'", true)] // filters bind tighter than comparisons
    [InlineData("xcom.fetch.rows > 10000 and xcom.group.train.model.path == 'm.pkl'", true)]
    [InlineData("xcom.fetch.absent | default: false", false)]
    [InlineData("not params.n == 5", false)] // not (n == 5)
    [InlineData("not not params.flag", true)]
    [InlineData("true or false and false", true)] // and binds tighter
    [InlineData("(true or false) and false", false)]
    [InlineData("params.flag or xcom.fetch.absent", true)] // the right side does not matter
    [InlineData("false and params.unset", false)]
    [InlineData("map.item.name\n == map.file.name", true)]
    public void Expression_Holds(string text, bool expected)
    {
        Condition.Check(text, Scope).ShouldBeEmpty();
        Parse(text).Evaluate(Context).Value.ShouldBe(expected);
    }

    [Theory]
    [InlineData("params.n", TemplateFailureKind.WrongType, "a condition must be true or false, got the number 5")]
    [InlineData("not params.bucket", TemplateFailureKind.WrongType, "what follows 'not'")]
    [InlineData("true and params.files", TemplateFailureKind.WrongType, "a side of 'and' must be true or false, got a list")]
    [InlineData("params.flag < true", TemplateFailureKind.WrongType, "cannot compare true with true")]
    [InlineData("params.nothing < 1", TemplateFailureKind.WrongType, "cannot compare null with the number 1")]
    [InlineData("1 in 2", TemplateFailureKind.WrongType, "cannot compare")]
    [InlineData("xcom.fetch.absent == 1", TemplateFailureKind.MissingXcom, "left no xcom 'absent'")]
    [InlineData("params.unset == 1", TemplateFailureKind.MissingValue, "has no value")]
    public void WhatHasNoTruth_IsATypedFailure(string text, TemplateFailureKind kind, string part)
    {
        var failure = Parse(text).Evaluate(Context).Failure.ShouldNotBeNull();
        failure.Kind.ShouldBe(kind);
        failure.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData("", 1, "expected a name or a value, got the end of the text")]
    [InlineData("params.n = 5", 10, "Did you mean '=='?")]
    [InlineData("params.flag && true", 13, "Did you mean 'and'?")]
    [InlineData("!params.flag", 1, "Did you mean 'not'?")]
    [InlineData("1 < 2 < 3", 7, "cannot be chained")]
    [InlineData("params.n not 5", 14, "'in' after 'not'")]
    [InlineData("(true", 6, "expected ')'")]
    [InlineData("true)", 5, "expected the end of the text, got ')'")]
    [InlineData("{{ true", 8, "expected '}}'")]
    [InlineData("{{ true }} and {{ false }}", 11, "around the whole, or none")]
    [InlineData("'yes'", 1, "must be true or false")]
    [InlineData("[true]", 1, "must be true or false")]
    [InlineData("params.nn == 1", 1, "Did you mean 'n'?")]
    [InlineData("true or xcom.other.x", 9, "not a task upstream")]
    public void BadCondition_IsRefused_WithItsColumn(string text, int column, string part)
    {
        var error = Condition.Check(text, Scope).ShouldHaveSingleItem();
        error.Column.ShouldBe(column);
        error.Message.ShouldContain(part);
    }

    [Fact]
    public void References_TellWhatHasToBeLoaded()
    {
        var condition = Parse("xcom.fetch.rows > 1 and params.flag");
        condition.UsesXcom.ShouldBeTrue();
        condition.Xcoms(Scope).ShouldHaveSingleItem().ToString().ShouldBe("xcom.fetch.rows");
        condition.References.ShouldBe(["xcom.fetch.rows", "params.flag"]);
        Parse("params.flag").UsesXcom.ShouldBeFalse();
    }

    private static Condition Parse(string text)
    {
        Condition.TryParse(text, out var condition, out var error).ShouldBeTrue(error?.ToString());
        return condition!;
    }
}
