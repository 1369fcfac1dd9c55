using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Identifiers;

public class IdentifierTests
{
    [Theory]
    [InlineData(RunKind.Manual, "manual-20240101T223000Z-x7k2p")]
    [InlineData(RunKind.Scheduled, "scheduled-20240101T223000Z-x7k2p")]
    [InlineData(RunKind.Backfill, "backfill-20240101T223000Z-x7k2p")]
    public void ARunsId_TellsItsKindAndDate_InUtc(RunKind kind, string id)
    {
        var run = RunId.Create(kind, new DateTimeOffset(2024, 1, 2, 0, 0, 0, 500, TimeSpan.FromHours(1.5)), "x7k2p");
        run.Value.ShouldBe(id);
        IdRules.Problem(run.Value).ShouldBeNull("it becomes a path segment");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("7_days.x-y")]
    [InlineData("group.task")]
    public void AnId_MayBe(string id) => IdRules.Problem(id).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("-rf")]
    [InlineData("a..b")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("é")]
    public void AnId_MayNotBe(string id) => IdRules.Problem(id).ShouldNotBeNull();

    [Fact]
    public void AnId_HasAGreatestLength()
    {
        IdRules.Problem(new string('a', IdRules.MaxLength)).ShouldBeNull();
        IdRules.Problem(new string('a', IdRules.MaxLength + 1)).ShouldNotBeNull().ShouldContain("201");
    }

    [Fact]
    public void EveryName_ReadsBackToItsMember()
    {
        foreach (var state in Enum.GetValues<TaskState>()) Names.Parse<TaskState>(Names.Of(state)).ShouldBe(state);
        foreach (var reason in Enum.GetValues<TaskReason>()) Names.Parse<TaskReason>(Names.Of(reason)).ShouldBe(reason);
        Names.Of(TaskState.UpForRetry).ShouldBe("up_for_retry");
        Names.All<RunState>().ShouldBe(["queued", "running", "success", "failed", "cancelled"]);
    }

    [Fact]
    public void WhatIsNoMember_HasNoName_AndSaysWhichExist()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Names.Of((TaskState)0));
        Names.TryParse<RunState>("Running", out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => Names.Parse<RunState>("done")).Message
            .ShouldBe("'done' is not one of queued, running, success, failed, cancelled");
    }

    [Fact]
    public void Keys_AreOrdered_ByRunTaskElementAndAttempt_AndReadLikePaths()
    {
        var task = new TaskKey(new RunId("r"), new TaskId("t"));
        TaskKey[] keys = [task with { MapIndex = 10 }, task with { Task = new TaskId("T") }, task with { MapIndex = 9 }, task];
        keys.Order().Select(key => key.ToString()).ShouldBe(["r/T", "r/t", "r/t/9", "r/t/10"]);
        new AttemptKey(task, 2).ToString().ShouldBe("r/t#2");
        new AttemptKey(task, 2).CompareTo(new AttemptKey(task, 10)).ShouldBeNegative();
    }
}
