using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Tests.Unit.Domain.Dags;

public class CanonicalJsonTests
{
    private static readonly DagSpec Smallest = new() { Id = new DagId("d"), Tasks = [new TaskSpec { Id = new TaskId("t"), Action = new NoopAction() }] };

    [Fact]
    public void Defaults_AreLeftOut() => CanonicalJson.Write(Smallest).ShouldBe("""{"dag":"d","tasks":[{"id":"t"}]}""");

    [Fact]
    public void Hash_IsTheSameInEveryRelease() =>
        CanonicalJson.Hash(CanonicalJson.Write(Smallest)).ShouldBe("aefd9d66d848ddec0d5f42d9492b1eaf3c6424efd96f2de57ad03d96bd91dbbc");

    [Fact]
    public void WhatIsWritten_ReadsBackAsTheSame()
    {
        var dags = new RandomDags(seed: 7);
        for (var i = 0; i < 500; i++)
        {
            var json = CanonicalJson.Write(dags.Next());
            CanonicalJson.Write(CanonicalJson.Read(json)).ShouldBe(json);
        }
    }

    /// <summary>Every property of the model reaches the text: two DAGs that differ anywhere have different versions.</summary>
    [Fact]
    public void EveryProperty_IsWritten()
    {
        var dags = new RandomDags(seed: 11);
        var names = new HashSet<string>();
        for (var i = 0; i < 200; i++) Collect(JsonNode.Parse(CanonicalJson.Write(dags.Next())), names);

        // each property of the task and its policy, but for the action and the members that share one name
        var properties = typeof(TaskSpec).GetProperties().Length + typeof(RetryPolicy).GetProperties().Length;
        names.Count(name => name.StartsWith("task:", StringComparison.Ordinal)).ShouldBe(properties - "Action, Retry".Split(',').Length + "command, args, script, shell, max_map_length".Split(',').Length);
    }

    [Fact]
    public void Keys_AreSorted()
    {
        var dags = new RandomDags(seed: 3);
        for (var i = 0; i < 200; i++)
        {
            using var document = JsonDocument.Parse(CanonicalJson.Write(dags.Next()));
            AssertSorted(document.RootElement);
        }
    }

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("1e2", "100")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("0.1", "0.1")]
    [InlineData("0.10", "0.1")]
    [InlineData("1e300", "1E+300")]
    [InlineData("1e999", "1e999")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("""{"b":1.50,"a":[1e0,{"d":null,"c":"ü<"}]}""", """{"a":[1,{"c":"ü<","d":null}],"b":1.5}""")]
    public void Numbers_HaveOneForm(string written, string canonical) => CanonicalJson.Write(JsonNode.Parse(written)).ShouldBe(canonical);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"dag":"d","tasks":[{"id":"t"}],"invented_later":1}""")]
    [InlineData("""{"dag":"d","tasks":[{"id":"t","invented_later":1}]}""")]
    [InlineData("""{"dag":5,"tasks":[]}""")]
    [InlineData("""{"dag":"d","tasks":[{"id":"t","trigger_rule":"nope"}]}""")]
    [InlineData("""{"dag":"d","tasks":[{"id":"t","timeout":"long"}]}""")]
    public void WhatIsNoDag_IsRefusedInWords(string json) => Should.Throw<FormatException>(() => CanonicalJson.Read(json)).Message.ShouldNotBeEmpty();

    [Fact]
    public void OrderOfNeeds_DoesNotMatter()
    {
        DagSpec Dag(params string[] needs) => Smallest with { Tasks = [new TaskSpec { Id = new TaskId("t"), Action = new NoopAction(), Needs = [.. needs.Select(n => new TaskId(n))] }] };

        CanonicalJson.Write(Dag("b", "a")).ShouldBe(CanonicalJson.Write(Dag("a", "b")));
    }

    private static void Collect(JsonNode? node, HashSet<string> names)
    {
        if (node?["tasks"] is JsonArray tasks)
            foreach (var task in tasks.OfType<JsonObject>())
                foreach (var (name, _) in task)
                    names.Add("task:" + name);
    }

    private static void AssertSorted(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            var names = element.EnumerateObject().Select(member => member.Name).ToArray();
            names.ShouldBe(names.Order(StringComparer.Ordinal));
            foreach (var member in element.EnumerateObject()) AssertSorted(member.Value);
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) AssertSorted(item);
        }
    }
}
