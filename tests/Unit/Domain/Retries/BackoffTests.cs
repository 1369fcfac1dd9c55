using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Retries;

namespace OrleansFlow.Tests.Unit.Domain.Retries;

public class BackoffTests
{
    private static readonly DagId Dag = new("credit");
    private static readonly TaskKey Key = new(new RunId("manual-1"), new TaskId("train"));
    private static readonly DateTimeOffset Date = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RetryPolicy Growing = RetryPolicy.Default with { Delay = TimeSpan.FromSeconds(10), Backoff = 2 };

    [Fact]
    public void AConstantDelay_IsExact()
    {
        foreach (var retry in new[] { 1, 2, 50 }) Delay(RetryPolicy.Default, retry).ShouldBe(TimeSpan.FromMinutes(5));
    }

    // Pinned: a replay, on another machine or with another release, waits as long.
    [Theory]
    [InlineData(1, 11_922)]
    [InlineData(2, 18_959)]
    [InlineData(3, 40_120)]
    public void AGrowingDelay_IsTheSameForEver(int retry, int milliseconds) =>
        Delay(Growing, retry).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Fact]
    public void AGrowingDelay_StaysWithinAQuarter()
    {
        for (var retry = 1; retry <= 10; retry++)
            Delay(Growing, retry).TotalSeconds.ShouldBeInRange(7.5 * Math.Pow(2, retry - 1), 12.5 * Math.Pow(2, retry - 1));
    }

    [Fact]
    public void WhoFailsTogether_DoesNotComeBackTogether()
    {
        var elements = Enumerable.Range(0, 100).Select(i => Backoff.Delay(Growing, Dag, Key with { MapIndex = i }, Date, 1)).ToArray();
        elements.Distinct().Count().ShouldBeGreaterThan(90);
        elements.Max().ShouldBeGreaterThan(TimeSpan.FromSeconds(12));
        elements.Min().ShouldBeLessThan(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void TheRunsName_HasNoPartInIt()
    {
        var rerun = Key with { Run = new RunId("manual-2") };
        Backoff.Delay(Growing, Dag, rerun, Date, 3).ShouldBe(Delay(Growing, 3));
        Backoff.Delay(Growing, Dag, Key, Date.AddDays(1), 3).ShouldNotBe(Delay(Growing, 3));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(2_000)]
    public void TheGreatestWait_IsNeverExceeded_WhateverOverflows(int retry) =>
        Delay(Growing with { MaxDelay = TimeSpan.FromHours(1) }, retry).ShouldBe(TimeSpan.FromHours(1));

    [Fact]
    public void NoDelay_StaysNone()
    {
        foreach (var retry in new[] { 1, 2_000 }) Delay(Growing with { Delay = TimeSpan.Zero }, retry).ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(2_000, 30)]
    public void FailedLaunches_WaitLongerAndLonger(int failures, int seconds) =>
        Backoff.LaunchDelay(failures).ShouldBe(TimeSpan.FromSeconds(seconds));

    private static TimeSpan Delay(RetryPolicy policy, int retry) => Backoff.Delay(policy, Dag, Key, Date, retry);
}
