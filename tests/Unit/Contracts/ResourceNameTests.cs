using OrleansFlow.Contracts;

namespace OrleansFlow.Tests.Unit.Contracts;

public class ResourceNameTests
{
    [Fact]
    public void WhatIsComposed_IsReadAgain()
    {
        var task = ResourceName.OfTaskInstance("manual-1", "etl.load", 3);
        var attempt = Read(ResourceName.OfAttempt(task, 2));
        (attempt.Kind, attempt.Run, attempt.Task, attempt.MapIndex, attempt.Epoch, attempt.Id).ShouldBe(("attempts", "manual-1", "etl.load", 3, 2, "2"));
        Read(ResourceName.OfTaskInstance("manual-1", "train", null)).MapIndex.ShouldBeNull();
        var version = Read(ResourceName.OfVersion("credit", "ab12"));
        (version.Kind, version.Dag, version.Version).ShouldBe(("versions", "credit", "ab12"));
        (Read(ResourceName.OfPool("gpu")).Kind, Read(ResourceName.OfPool("gpu")).Id).ShouldBe(("pools", "gpu"));
        Read(ResourceName.OfDag("credit")).Dag.ShouldBe("credit");
        Read(ResourceName.OfRun("manual-1")).ToString().ShouldBe("runs/manual-1");
    }

    [Fact]
    public void PathsAndKeys_KeepTheirSlashes()
    {
        var task = ResourceName.OfTaskInstance("r", "t", null);
        Read(ResourceName.OfArtifact(task, "models/a/attempts/x.pkl")).ArtifactPath.ShouldBe("models/a/attempts/x.pkl");
        Read(ResourceName.OfXcom(task, "a/b/")).XcomKey.ShouldBe("a/b/");
    }

    [Fact]
    public void TheLatestAttempt_HasNoNumber()
    {
        var latest = Read("runs/r/tasks/t/attempts/latest");
        (latest.Id, latest.Epoch).ShouldBe(("latest", null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("runs")]
    [InlineData("runs/")]
    [InlineData("/runs/r")]
    [InlineData("runs/r/")]
    [InlineData("tasks/t")]
    [InlineData("dags/d/tasks/t")]
    [InlineData("runs/r/tasks/t/tasks/u")]
    [InlineData("runs/r/tasks/t/elements/-1")]
    [InlineData("runs/r/tasks/t/elements/x")]
    [InlineData("runs/r/tasks/t/elements/01")]
    [InlineData("runs/r/tasks/t/attempts/0")]
    [InlineData("runs/r/tasks/t/artifacts/")]
    [InlineData("pools/p/runs/r")]
    public void WhatIsNoName_IsRefused(string text) => ResourceName.TryParse(text, out _).ShouldBeFalse();

    private static ResourceName Read(string text) =>
        ResourceName.TryParse(text, out var name) ? name : throw new ShouldAssertException($"'{text}' is no name");
}
