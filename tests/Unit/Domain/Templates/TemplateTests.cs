using FsCheck;
using FsCheck.Fluent;
using OrleansFlow.Domain.Expressions;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Templates;
using static OrleansFlow.Tests.Unit.Domain.Templates.TemplateFacts;

namespace OrleansFlow.Tests.Unit.Domain.Templates;

public class TemplateTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("", "")]
    [InlineData("one } or }} two { braces", "one } or }} two { braces")]
    [InlineData("s3://{{ params.bucket }}/{{dag.id}}/{{ task.id }}.pkl", "s3://ml-Artifacts/credit/publish.pkl")]
    [InlineData("{{ params['x-y'] }}{{ params[\"x-y\"] }}{{ params.x-y }}", "dashdashdash")]
    [InlineData("{{ run.id }} {{ attempt.epoch }} {{ map.index }}", "manual-1 3 2")]
    [InlineData("{{ run.logical_date }}", "2024-01-05T06:07:08+00:00")]
    [InlineData("{{ run.data_interval_start }}", "2024-01-05T00:00:00+00:00")]
    [InlineData("{{ run.data_interval_end }}", "2024-01-06T00:00:00+00:00")]
    [InlineData("{{ ds }} {{ ds_nodash }}", "2024-01-05 20240105")]
    [InlineData("{{ ts }} {{ ts_nodash }}", "2024-01-05T06:07:08+00:00 20240105T060708")]
    [InlineData("{{ map.item.name }} {{ map.file.name }}", "é–'x' é–'x'")]
    [InlineData("{{ map.item }}", "{\"name\":\"é–'x'\"}")]
    [InlineData("{{ '{{' }} literal {{ \"}}\" }}", "{{ literal }}")]
    [InlineData("{{ 'it\\'s' }}{{ \"\\t\" }}", "it's\t")]
    [InlineData("{{ params.n == 5 }}", "true")]
    [InlineData("{{ [params.n, 'a', null, 1.50] }}", "[5,\"a\",null,1.50]")]
    public void Text_Renders(string text, string expected) => Template.Render(text, Context).Value.ShouldBe(expected);

    [Theory]
    [InlineData("{{ params.n }}", "5")]
    [InlineData("{{ params.ratio }}", "0.50")]
    [InlineData("{{ params.flag }}", "true")]
    [InlineData("{{ params.nothing }}", "null")]
    [InlineData("{{ params.files }}", "[\"a.csv\",\"b.csv\"]")]
    [InlineData("{{ params.files[1] }}", "b.csv")]
    [InlineData("{{ params.nested.deep[0].k }}{{ params['nested']['deep'].0.k }}", "vv")]
    public void NonText_RendersAsCompactJson(string text, string expected) => Template.Render(text, Context).Value.ShouldBe(expected);

    [Theory]
    [InlineData("{{ xcom.fetch.rows }}", "20000")]
    [InlineData("{{ xcom.fetch.a-key }}", "dashed")]
    [InlineData("{{ xcom.group.train.model.path }}", "m.pkl")]
    [InlineData("{{ xcom.group.train.deep.key }}", "deep")] // not the key "deep" of group.train
    [InlineData("{{ xcom[\"group.train\"].model['path'] }}", "m.pkl")]
    [InlineData("{{ xcom.1st-task.key }}", "first")]
    [InlineData("{{ xcom.mapped.size[2] }}", "3")]
    public void Xcom_IsFoundByTheLongestTaskId(string text, string expected) => Template.Render(text, Context).Value.ShouldBe(expected);

    [Theory]
    [InlineData("{{ xcom.train.model.path }}", "group", "m.pkl")] // group.train
    [InlineData("{{ xcom.deep.key }}", "group.train", "deep")] // group.train.deep
    [InlineData("{{ xcom.train.model.path }}", "group.train group", "m.pkl")] // in the group around
    [InlineData("{{ xcom.group.train.model.path }}", "group", "m.pkl")] // the full id
    [InlineData("{{ xcom.fetch.rows }}", "group.train group", "20000")] // in no group
    public void Xcom_IsLookedForInTheGroupFirst_AsNeedsAre(string text, string groups, string expected) =>
        Template.Render(text, Context with { Scope = Scope with { Groups = groups.Split(' ') } }).Value.ShouldBe(expected);

    [Fact]
    public void Xcom_OfTheInnermostGroup_HidesThoseAround()
    {
        var scope = new TemplateScope { UpstreamTasks = new HashSet<TaskId> { new("a"), new("g.a"), new("g.h.a") }, Groups = ["g.h", "g"] };
        Template.TryParse("{{ xcom.a.k }}", out var template, out _).ShouldBeTrue();

        template.Xcoms(scope).ShouldBe([new XcomReference(new TaskId("g.h.a"), "k")]);
        template.Xcoms(scope with { Groups = ["g"] }).ShouldBe([new XcomReference(new TaskId("g.a"), "k")]);
        template.Xcoms(scope with { Groups = [] }).ShouldBe([new XcomReference(new TaskId("a"), "k")]);
    }

    [Fact]
    public void Xcom_OfAMisspeltTaskOfTheGroup_IsHintedAtByItsShortName()
    {
        var scope = new TemplateScope { UpstreamTasks = new HashSet<TaskId> { new("g.fetch") }, Groups = ["g"] };

        Template.Check("{{ xcom.fetsh.k }}", scope).ShouldHaveSingleItem().Message.ShouldContain("Did you mean 'fetch'?");
    }

    [Theory]
    [InlineData("{{ run.logical_date | date: '%Y%m%dT%H%M%S' }}", "20240105T060708")]
    [InlineData("{{ '2024-07-04T15:09:03.25+02:00' | date: '%F %T %I%p %f %z %y %e %j %a %A %b %B %u %w %G-%V %s %%' }}",
        "2024-07-04 15:09:03 03PM 250000 +0200 24  4 186 Thu Thursday Jul July 4 4 2024-27 1720098543 %")]
    [InlineData("{{ ds | date: 'week %V' }}", "week 01")]
    [InlineData("{{ params.bucket | lower }} {{ params.bucket | upper }}", "ml-artifacts ML-ARTIFACTS")]
    [InlineData("{{ params.bucket | replace: '-', '_' | upper }}", "ML_ARTIFACTS")]
    [InlineData("{{ params.bucket | replace: 'ml', \"it's $(id)\" | sh }}", @"'it'\''s $(id)-Artifacts'")]
    [InlineData("{{ params.bucket | json }} {{ params.nested | json }}", "\"ml-Artifacts\" {\"deep\":[{\"k\":\"v\"}]}")]
    [InlineData("{{ params.unset | default: 'x' }}{{ params.nothing | default: params.n }}{{ params.n | default: 1 }}", "x55")]
    [InlineData("{{ xcom.fetch.absent | default: [] }}", "[]")]
    [InlineData("{{ params.nested.missing.more | default: 0 }}", "0")]
    [InlineData("{{ [params.unset | default: 1, 2] }}", "[1,2]")]
    public void Filters_Apply(string text, string expected) => Template.Render(text, Context).Value.ShouldBe(expected);

    [Theory]
    [InlineData("{{ xcom.fetch.absent }}", TemplateFailureKind.MissingXcom, "task 'fetch' left no xcom 'absent'")]
    [InlineData("{{ params.unset }}", TemplateFailureKind.MissingValue, "'params.unset' has no value in this run (column 4)")]
    [InlineData("{{ params.nested.other }}", TemplateFailureKind.MissingValue, "'params.nested' is an object and has no 'other'")]
    [InlineData("{{ params.files[7] }}", TemplateFailureKind.MissingValue, "is a list and has no '7'")]
    [InlineData("{{ params.n.x }}", TemplateFailureKind.MissingValue, "is the number 5 and has no 'x'")]
    [InlineData("{{ params.n | lower }}", TemplateFailureKind.WrongType, "the filter lower cannot take the number 5")]
    [InlineData("{{ params.bucket | date: '%Y' }}", TemplateFailureKind.WrongType, "cannot take the text 'ml-Artifacts', the text '%Y'")]
    [InlineData("{{ params.n < 'a' }}", TemplateFailureKind.WrongType, "cannot compare the number 5 with the text 'a'")]
    [InlineData("{{ nonsense }}", TemplateFailureKind.Invalid, "unknown name 'nonsense'")]
    [InlineData("{{ ( }}", TemplateFailureKind.Invalid, "expected a name or a value")]
    public void WhatHasNoValue_IsATypedFailure(string text, TemplateFailureKind kind, string part)
    {
        var failure = Template.Render(text, Context).Failure.ShouldNotBeNull();
        failure.Kind.ShouldBe(kind);
        failure.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData("{{ params.buckt }}", 4, "declares no parameter 'buckt'. Did you mean 'bucket'?")]
    [InlineData("a {{ bucket }}", 6, "Did you mean 'params.bucket'?")]
    [InlineData("{{ run.logicaldate }}", 4, "Did you mean 'run.logical_date'?")]
    [InlineData("{{ execution_date }}", 4, "Did you mean 'run.logical_date'?")]
    [InlineData("{{ dag_run.run_id }}", 4, "Did you mean 'run.id'?")]
    [InlineData("{{ parms.bucket }}", 4, "Did you mean 'params.bucket'?")]
    [InlineData("{{ xcom.fetsh.rows }}", 4, "'fetsh' is not a task upstream of this one. Did you mean 'fetch'?")]
    [InlineData("{{ xcom.fetch }}", 4, "lacks a key: write xcom.fetch.KEY")]
    [InlineData("{{ xcom }}", 4, "write xcom.TASK.KEY")]
    [InlineData("{{ ds.year }}", 4, "'ds' is a plain value and has no 'year'")]
    public void UnknownName_IsFoundBeforeAnythingRuns(string text, int column, string part)
    {
        var error = Template.Check(text, Scope).ShouldHaveSingleItem();
        error.Column.ShouldBe(column);
        error.Message.ShouldContain(part);
    }

    [Fact]
    public void NamesOfAnotherPlace_SayWhyTheyAreUnknown()
    {
        var bare = new TemplateScope { HasTask = false, HasAttempt = false };
        Template.Check("{{ task.id }}", bare).ShouldHaveSingleItem().Message.ShouldContain("belongs to the DAG");
        Template.Check("{{ attempt.epoch }}", bare).ShouldHaveSingleItem().Message.ShouldContain("before an attempt begins");
        Template.Check("{{ map.item }}", bare).ShouldHaveSingleItem().Message.ShouldContain("only in a mapped task");
        Template.Check("{{ params.x }}", bare).ShouldHaveSingleItem().Message.ShouldContain("It declares none");
        Template.Check("{{ run.id }} {{ dag.id }} {{ ds }} {{ ts_nodash }}", bare).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{{ params.bucket", 1, 1, "'{{' has no '}}'")]
    [InlineData("x\n  {{ 'abc }}", 2, 6, "has no end")]
    [InlineData("{{ }}", 1, 4, "expected a name or a value, got '}}'")]
    [InlineData("docker ps --format '{{.Names}}'", 1, 23, "written {{ '{{' }}")]
    [InlineData("{{ params..x }}", 1, 10, "a name is missing around the dot")]
    [InlineData("{{ params.x | lowr }}", 1, 15, "Did you mean 'lower'?")]
    [InlineData("{{ params.x | default }}", 1, 23, "written | default: VALUE")]
    [InlineData("{{ params.x | default('a') }}", 1, 22, "written | default: VALUE")]
    [InlineData("{{ params.x | replace: 'a' }}", 1, 28, "written | replace: 'OLD', 'NEW'")]
    [InlineData("{{ params.x | lower: 1 }}", 1, 20, "expected '}}', got ':'")]
    [InlineData("{{ ds | date: '%Q' }}", 1, 15, "unknown '%Q'")]
    [InlineData("{{ ds | date: '100%' }}", 1, 15, "lone %")]
    [InlineData("{{ params.x params.y }}", 1, 13, "expected '}}', got 'params'")]
    [InlineData("{{ params[x] }}", 1, 11, "in brackets stands a text in quotes")]
    [InlineData("{{ params.n + 1 }}", 1, 13, "no arithmetic")]
    [InlineData("{{ params.n = 1 }}", 1, 13, "Did you mean '=='?")]
    [InlineData("{{ 01 }}", 1, 4, "'01' is not a number")]
    [InlineData("{{ 'a\\d' }}", 1, 6, "is not an escape")]
    [InlineData("{{ § }}", 1, 4, "'§' has no meaning here")]
    public void BadSyntax_IsRefused_WithItsPlace(string text, int line, int column, string part)
    {
        var error = Template.Check(text, Scope).ShouldHaveSingleItem();
        (error.Line, error.Column).ShouldBe((line, column));
        error.Message.ShouldContain(part);
    }

    [Fact]
    public void EveryExpression_ReportsItsOwnError()
    {
        var errors = Template.Check("{{ a b }} {{ ds }} {{ | }}\n{{ 'x }}", Scope);
        errors.Select(e => (e.Line, e.Column)).ShouldBe([(1, 6), (1, 23), (2, 4)]);
        errors[2].ToString().ShouldContain("(line 2, column 4)");
    }

    [Fact]
    public void DeepNesting_IsAnError_NotAStackOverflow()
    {
        foreach (var opening in new[] { "(", "[", "not " })
            Template.Check("{{ " + string.Concat(Enumerable.Repeat(opening, 100_000)), Scope).ShouldNotBeEmpty();
        Template.Check("{{ " + string.Concat(Enumerable.Repeat("(", 100_000)) + " }}", Scope)
            .ShouldHaveSingleItem().Message.ShouldContain("at most 64 deep");
    }

    [Fact]
    public void EndlessChain_IsAnError_NotAStackOverflow()
    {
        foreach (var link in new[] { " or true", " and true", " | json" })
            Template.Check("{{ true" + string.Concat(Enumerable.Repeat(link, 100_000)) + " }}", Scope)
                .ShouldHaveSingleItem().Message.ShouldContain("at most 250");
        Template.Check("{{ true" + string.Concat(Enumerable.Repeat(" or true", 250)) + " }}", Scope).ShouldBeEmpty();
        Template.Check("{{ ds in [" + string.Join(", ", Enumerable.Repeat("'x'", 10_000)) + "] }}", Scope).ShouldBeEmpty();
    }

    [Fact]
    public void TextThatKeepsDoubling_IsAFailure_NotTheEndOfMemory() =>
        Template.Render("{{ 'a'" + string.Concat(Enumerable.Repeat(" | replace: 'a', 'aa'", 60)) + " }}", Context)
            .Failure.ShouldNotBeNull().Kind.ShouldBe(TemplateFailureKind.WrongType);

    [Fact]
    public void SingleExpression_EvaluatesToItsJsonValue()
    {
        Parse("{{ params.files }}").IsExpression.ShouldBeTrue();
        Parse("{{ params.files }}").Evaluate(Context).Value.GetArrayLength().ShouldBe(2);
        Parse("{{ params.n }}!").IsExpression.ShouldBeFalse();
        Parse("{{ params.n }}!").Evaluate(Context).Value.GetString().ShouldBe("5!");
        Parse("{{ params.unset }}").Evaluate(Context).Succeeded.ShouldBeFalse();
    }

    [Fact]
    public void References_TellWhatHasToBeLoaded()
    {
        var template = Parse("{{ xcom.group.train.model.path | default: params.bucket }} {{ xcom.group.train.model }} {{ xcom['fetch'].rows in [ds] }}");
        template.UsesXcom.ShouldBeTrue();
        template.Xcoms(Scope).ShouldBe([new(new TaskId("group.train"), "model"), new(new TaskId("fetch"), "rows")]);
        template.References.ShouldBe(["xcom.group.train.model.path", "params.bucket", "xcom.group.train.model", "xcom.fetch.rows", "ds"]);

        Parse("{{ ds }} xcom").UsesXcom.ShouldBeFalse();
        Template.IsLiteral("no { braces }").ShouldBeTrue();
        Template.IsLiteral("{{ ds }}").ShouldBeFalse();
    }

    [Fact]
    public void Microseconds_AreKept_WhereThereAreAny() =>
        Template.Render("{{ ts }}", Context with { LogicalDate = Context.LogicalDate.AddTicks(12_345_670) })
            .Value.ShouldBe("2024-01-05T06:07:09.234567+00:00");

    [Fact]
    public void AnyText_ParsesOrIsRefused_AndNeverThrows()
    {
        var pieces = Gen.Elements(
            "{{", "}}", " ", "params.n", "xcom.fetch.rows", "xcom", "map.item", ".", "[", "]", "(", ")", "'", "\"", "a", "'b'", "1", "-2.5e3",
            "|", "default", "date", ":", ",", "'%Y'", "not", "and", "or", "in", "==", "<", "true", "null", "\n", "\\", "{", "}", "§", "-");
        Prop.ForAll(pieces.ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            foreach (var error in Template.Check(text, Scope).Concat(Condition.Check(text, Scope)))
            {
                error.Line.ShouldBeGreaterThan(0);
                error.Column.ShouldBeGreaterThan(0);
            }
            if (Template.Check("{{" + text + "}}", Scope).Count == 0)
                Template.Render("{{" + text + "}}", Context).Failure?.Kind.ShouldNotBe(TemplateFailureKind.Invalid);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static Template Parse(string text)
    {
        Template.TryParse(text, out var template, out var errors).ShouldBeTrue(string.Join("; ", errors));
        return template!;
    }
}
