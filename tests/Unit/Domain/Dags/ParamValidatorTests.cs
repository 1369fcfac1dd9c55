using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Tests.Unit.Domain.Dags;

public class ParamValidatorTests
{
    private static readonly Dictionary<string, JsonObject> Schemas = new()
    {
        ["bucket"] = Schema("""{"type":"string","default":"ml"}"""),
        ["rows"] = Schema("""{"type":"integer","minimum":1,"default":100}"""),
        ["files"] = Schema("""{"type":"array","items":{"type":"string","minLength":2},"default":[]}"""),
        ["day"] = Schema("""{"type":["string","null"],"format":"date","default":null}"""),
    };

    [Fact]
    public void Defaults_FillWhatWasNotGiven() =>
        ParamValidator.Merge(Schemas, Schema("""{"rows":5.0}""")).Json.ShouldBe("""{"bucket":"ml","day":null,"files":[],"rows":5}""");

    [Fact]
    public void Texts_AreReadAsJson_UnlessAStringIsWanted() =>
        ParamValidator.MergeTexts(Schemas, [new("bucket", "123"), new("rows", "7"), new("files", """["ab"]"""), new("day", "2024-02-29")]).Json
            .ShouldBe("""{"bucket":"123","day":"2024-02-29","files":["ab"],"rows":7}""");

    [Theory]
    [InlineData("rows", "abc", "params.rows: expected integer, got \"abc\"")]
    [InlineData("rows", "0", "params.rows: must be at least 1, got 0")]
    [InlineData("rows", "1.5", "params.rows: expected integer, got 1.5")]
    [InlineData("files", """["a"]""", "params.files[0]: must have at least 2 characters, has 1")]
    [InlineData("files", "x", "params.files: expected array, got \"x\"")]
    [InlineData("day", "2024-02-30", "params.day: '2024-02-30' is not a date")]
    [InlineData("row", "1", "params.row: the DAG declares no parameter 'row'. Did you mean 'rows'?")]
    public void WrongValues_AreExplained(string name, string text, string problem)
    {
        var result = ParamValidator.MergeTexts(Schemas, [new(name, text)]);

        result.Json.ShouldBeNull();
        result.Problems.ShouldHaveSingleItem().ToString().ShouldBe(problem);
    }

    [Theory]
    [InlineData("1e400", "1e400 is too large for a number")]
    [InlineData("-1e400", "-1e400 is too large for a number")]
    [InlineData("""{"a":[1e309]}""", "1e309 is too large for a number")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]", "lists and objects are nested more than 20 deep")]
    [InlineData("""["\ud83d"]""", "holds half of a character")]
    [InlineData("""["a\u0000b"]""", "holds the character NUL")]
    [InlineData("""{"a\u0000b":1}""", "holds the character NUL")]
    [InlineData("""["\ud83d\ude00"]""", null)]
    [InlineData("1.5e308", null)]
    [InlineData("123456789012345678901234567890", null)]
    [InlineData("[[[[[[[[[[[[[[[[[[[[1e3]]]]]]]]]]]]]]]]]]]]", null)]
    public void WhatNobodyCouldReadAgain_IsRefused(string text, string? problem)
    {
        var given = ParamValidator.MergeTexts(new Dictionary<string, JsonObject> { ["x"] = [] }, [new("x", text)]);
        var byDefault = ParamValidator.CheckSchemas(new Dictionary<string, JsonObject> { ["x"] = Schema($$"""{"default":{{text}}}""") });

        if (problem is null)
        {
            given.Problems.ShouldBeEmpty();
            byDefault.ShouldBeEmpty();
            return;
        }

        given.Problems.ShouldHaveSingleItem().ToString().ShouldStartWith($"params.x: {problem}");
        byDefault.ShouldHaveSingleItem().ToString().ShouldStartWith($"params.x.default: {problem}");
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"\udc00":1}""")]
    public void AKeyTwice_OrHalfACharacter_IsNoJson(string text) =>
        ParamValidator.MergeTexts(new Dictionary<string, JsonObject> { ["x"] = Schema("""{"type":"object"}""") }, [new("x", text)])
            .Problems.ShouldHaveSingleItem().ToString().ShouldStartWith("params.x: expected object, got ");

    [Fact]
    public void ParameterWithoutDefault_MustBeGiven() =>
        ParamValidator.Merge(new Dictionary<string, JsonObject> { ["x"] = [] }, null).Problems.ShouldHaveSingleItem().Message
            .ShouldBe("'x' has no default and was not given: give it a value, on the command line by -p x=VALUE");

    [Theory]
    [InlineData("""{"enum":["a",1]}""", "1", true)]
    [InlineData("""{"enum":["a",1]}""", "1.0", true)]
    [InlineData("""{"enum":["a",1]}""", "\"b\"", false)]
    [InlineData("""{"const":true}""", "false", false)]
    [InlineData("""{"type":"number"}""", "3", true)]
    [InlineData("""{"type":"integer"}""", "3.0", true)]
    [InlineData("""{"type":"number","exclusiveMaximum":3}""", "3", false)]
    [InlineData("""{"type":"number","exclusiveMinimum":3}""", "3.01", true)]
    [InlineData("""{"pattern":"^a+$"}""", "\"aaa\"", true)]
    [InlineData("""{"pattern":"^a+$"}""", "\"aab\"", false)]
    [InlineData("""{"maxLength":1}""", "\"😀\"", true)]
    [InlineData("""{"type":"array","uniqueItems":true}""", "[1,1.0]", false)]
    [InlineData("""{"type":"array","maxItems":1}""", "[1,2]", false)]
    [InlineData("""{"type":"object","required":["a"]}""", "{}", false)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}""", """{"b":1}""", false)]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """{"b":"x"}""", false)]
    [InlineData("""{"format":"date-time"}""", "\"2024-01-01T00:00:00Z\"", true)]
    [InlineData("""{"format":"date-time"}""", "\"2024-01-01\"", false)]
    [InlineData("""{"format":"uuid"}""", "\"no\"", false)]
    public void Keywords_Judge(string schema, string value, bool isValid)
    {
        var schemas = new Dictionary<string, JsonObject> { ["x"] = Schema(schema) };
        ParamValidator.CheckSchemas(schemas).ShouldBeEmpty();
        ParamValidator.Merge(schemas, new JsonObject { ["x"] = JsonNode.Parse(value) }).Problems.Count.ShouldBe(isValid ? 0 : 1);
    }

    private static JsonObject Schema(string json) => JsonNode.Parse(json)!.AsObject();
}
