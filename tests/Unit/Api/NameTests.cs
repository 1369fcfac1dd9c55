using OrleansFlow.Api.Names;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Resource names, read and written.</summary>
public sealed class NameTests
{
    private static readonly RunId Run = new("manual-1");

    [Fact]
    public void NamesThatAreWritten_AreReadAsTheSame()
    {
        var element = new TaskKey(Run, new TaskId("group.train"), 3);
        ResourceNames.Run(ResourceNames.Of(Run)).ShouldBe(Run);
        ResourceNames.Dag(ResourceNames.Of(new DagId("etl"))).ShouldBe(new DagId("etl"));
        ResourceNames.Version(ResourceNames.OfVersion(new DagId("etl"), "aa11")).ShouldBe((new DagId("etl"), "aa11"));
        ResourceNames.Scope(ResourceNames.Of(element)).ShouldBe(new Scope(Run, element.Task, 3));
        ResourceNames.Task(ResourceNames.Of(element with { MapIndex = TaskKey.NotMapped })).ShouldBe(new Scope(Run, element.Task, null));
        ResourceNames.Attempt(ResourceNames.Of(new AttemptKey(element, 2))).ShouldBe((new Scope(Run, element.Task, 3), 2));
        ResourceNames.Pool(ResourceNames.OfPool("gpu")).ShouldBe("gpu");
    }

    [Fact]
    public void TheLastAttempt_HasANameOfItsOwn() =>
        ResourceNames.Attempt("runs/r/tasks/t/attempts/latest").ShouldBe((new Scope(new RunId("r"), new TaskId("t"), null), null));

    [Fact]
    public void PathsOfArtifacts_MayHaveSlashes() =>
        ResourceNames.Value("runs/r/tasks/t/artifacts/a/b.csv", "artifacts").ShouldBe(new ResourceValue(new Scope(new RunId("r"), new TaskId("t"), null), "artifacts", "a/b.csv"));

    [Theory]
    [InlineData("")]
    [InlineData("runs")]
    [InlineData("runs/")]
    [InlineData("runs/a/")]
    [InlineData("runs/../x")]
    [InlineData("runs/a b")]
    [InlineData("/runs/a")]
    [InlineData("runs/a/tasks")]
    [InlineData("runs/a/tasks/t/elements/-1")]
    [InlineData("runs/a/tasks/t/elements/01")]
    [InlineData("runs/a/tasks/t/elements/99999999999")]
    [InlineData("runs/a/tasks/t/attempts/1")]
    public void WhatIsNoScope_IsRefused(string name) => ResourceNames.Scope(name).ShouldBeNull();

    [Theory]
    [InlineData("runs/a/tasks/t/attempts/0")]
    [InlineData("runs/a/tasks/t/attempts/first")]
    [InlineData("runs/a/attempts/1")]
    public void WhatIsNoAttempt_IsRefused(string name) => ResourceNames.Attempt(name).ShouldBeNull();
}
