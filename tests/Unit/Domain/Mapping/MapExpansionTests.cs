using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Mapping;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Tests.Unit.Domain.Mapping;

public class MapExpansionTests
{
    private static readonly DateTimeOffset Date = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TemplateContext Values = new()
    {
        Scope = new TemplateScope { Params = ["files", "bucket"], HasAttempt = false },
        Dag = new DagId("credit"),
        Run = new RunId("manual-1"),
        Task = new TaskId("m"),
        LogicalDate = Date,
        DataIntervalStart = Date,
        DataIntervalEnd = Date,
        Params = JsonElement.Parse("""{ "files": ["a.csv", { "n": 1 }, null], "bucket": "b" }"""),
    };

    [Fact]
    public void AList_KeepsItsOrder_AndItsKinds() =>
        Items(new ListMap(Json("""["x", 2, { "k": [true, null] }, null]"""), null)).ShouldBe(["\"x\"", "2", """{"k":[true,null]}""", "null"]);

    [Fact]
    public void ATemplate_MayBeTheList() =>
        Items(new ListMap("{{ params.files }}", null)).ShouldBe(["\"a.csv\"", """{"n":1}""", "null"]);

    [Fact]
    public void AProduct_VariesItsLastListFastest() =>
        Items(new ProductMap([Named("a", "[1, 2]"), Named("b", """["x", "y"]""")])).ShouldBe(
            ["""{"a":1,"b":"x"}""", """{"a":1,"b":"y"}""", """{"a":2,"b":"x"}""", """{"a":2,"b":"y"}"""]);

    [Fact]
    public void AProduct_WithAnEmptyList_IsEmpty() =>
        Items(new ProductMap([Named("a", "[1, 2, 3]"), Named("b", "[]")]) { MaxLength = 1 }).ShouldBeEmpty();

    [Fact]
    public void AZip_GoesSideBySide() =>
        Items(new ZipMap([Named("a", "[1, 2]"), Named("b", """["x", "y"]""")])).ShouldBe(["""{"a":1,"b":"x"}""", """{"a":2,"b":"y"}"""]);

    [Fact]
    public void AZip_OfListsOfDifferentLength_IsRefused() =>
        Problem(new ZipMap([Named("a", "[1, 2]"), Named("b", "[1]")])).ShouldBe("zip: the lists differ in length: a has 2, b has 1");

    [Fact]
    public void WhatIsNoList_IsRefused_WithItsName()
    {
        Problem(new ListMap("{{ params.bucket }}", null)).ShouldBe("map.over: is no list but \"b\"");
        Problem(new ProductMap([Named("a", "[1]"), Named("b", "3")])).ShouldBe("map.b: is no list but 3");
        Problem(new ListMap("{{ params.nope }}", null)).ShouldStartWith("map.over: ");
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void TheGreatestLength_IsAllowed_AndNoMore(int limit, bool allowed)
    {
        var (items, problem) = MapExpansion.Expand(new ListMap(Json("[1, 2, 3]"), null) { MaxLength = limit }, Values);
        items.Count.ShouldBe(allowed ? 3 : 0);
        (problem is null).ShouldBe(allowed);
    }

    [Fact]
    public void AHugeProduct_IsRefused_WithoutBeingBuilt()
    {
        var thousand = $"[{string.Join(',', Enumerable.Range(0, 1_000))}]";
        Problem(new ProductMap([.. Enumerable.Range(0, 9).Select(i => Named($"l{i}", thousand))]))
            .ShouldBe("the map has 1025 elements or more, and max_map_length is 1024");
    }

    [Theory]
    [InlineData("[1, 1e400]", "[1]: 1e400 is too large for a number")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]", "[0]: lists and objects are nested more than 20 deep")]
    [InlineData("[\"a\\u0000b\"]", "[0]: holds the character NUL")]
    [InlineData("[1, 1.5e308, [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]", null)]
    public void ElementsThatNobodyCouldReadAgain_AreRefused(string list, string? problem)
    {
        var task = new TaskSpec { Id = new TaskId("t"), Action = new NoopAction(), Map = new ListMap(Json(list), null) };

        var problems = DagValidator.Validate(new DagSpec { Id = new DagId("d"), Tasks = [task] });

        var atStart = MapExpansion.Expand(task.Map, Values).Problem;
        if (problem is null)
        {
            problems.ShouldBeEmpty();
            atStart.ShouldBeNull();
            return;
        }

        problems.ShouldHaveSingleItem().ToString().ShouldStartWith($"tasks.t.map.over: {problem}");
        atStart.ShouldNotBeNull().ShouldStartWith($"map.over: {problem}");
    }

    [Fact]
    public void ElementsThatATemplateMakes_AreJudgedToo() =>
        Problem(new ListMap($"{{{{ {new string('[', 22)}{new string(']', 22)} }}}}", null)).ShouldStartWith("map.over: [0]: lists and objects are nested");

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    private static KeyValuePair<string, JsonNode> Named(string name, string list) => new(name, Json(list));

    private static IReadOnlyList<string> Items(MapSpec map)
    {
        var (items, problem) = MapExpansion.Expand(map, Values);
        problem.ShouldBeNull();
        return items;
    }

    private static string Problem(MapSpec map)
    {
        var (items, problem) = MapExpansion.Expand(map, Values);
        items.ShouldBeEmpty();
        return problem.ShouldNotBeNull();
    }
}
