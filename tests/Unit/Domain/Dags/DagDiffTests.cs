using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Tests.Unit.Domain.Dags;

public class DagDiffTests
{
    private const string Before = """{"dag":"d","owner":"a","tasks":[{"command":["x"],"id":"t","retries":3},{"id":"gone"}]}""";

    [Fact]
    public void Changes_AreNamedByPath() =>
        DagDiff.Compare(Before, """{"dag":"d","tags":["new"],"tasks":[{"command":["x","y"],"id":"t"},{"id":"added"}]}""").ShouldBe(
        [
            new DagChange("owner", "\"a\"", null),
            new DagChange("tags", null, "[\"new\"]"),
            new DagChange("tasks.added", null, "{\"id\":\"added\"}"),
            new DagChange("tasks.gone", "{\"id\":\"gone\"}", null),
            new DagChange("tasks.t.command", "[\"x\"]", "[\"x\",\"y\"]"),
            new DagChange("tasks.t.retries", "3", null),
        ]);

    [Fact]
    public void SameVersions_DoNotDiffer() => DagDiff.Compare(Before, Before).ShouldBeEmpty();

    [Fact]
    public void AnotherOrder_IsOneChange() =>
        DagDiff.Compare("""{"tasks":[{"id":"a"},{"id":"b"}]}""", """{"tasks":[{"id":"b"},{"id":"a"}]}""")
            .ShouldHaveSingleItem().ShouldBe(new DagChange("tasks", "[\"a\",\"b\"]", "[\"b\",\"a\"]"));
}
