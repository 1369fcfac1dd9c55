using OrleansFlow.Api.Watching;

namespace OrleansFlow.Tests.Unit.Api;

public class PacingTests
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(75);
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AfterARest_SomeFollowAtOnce_ThenEachWaits()
    {
        var pacing = new Pacing(Pace, burst: 3);
        for (var i = 0; i < 3; i++)
        {
            pacing.Rest(Start).ShouldBe(TimeSpan.Zero);
            pacing.Done(Start);
        }

        pacing.Rest(Start).ShouldBe(Pace);
        pacing.Rest(Start + Pace).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void AllTheTime_ThereAreNotMoreThanThePaceAllows()
    {
        var pacing = new Pacing(Pace, burst: 4);
        var now = Start;
        var done = 0;
        for (; now < Start + 100 * Pace; now += pacing.Rest(now))
        {
            if (pacing.Rest(now) > TimeSpan.Zero) continue;
            pacing.Done(now);
            done++;
        }

        done.ShouldBe(103);
    }

    [Fact]
    public void WhatWasNotUsed_CountsForOneBurstOnly()
    {
        var pacing = new Pacing(Pace, burst: 2);
        pacing.Done(Start);
        var later = Start + TimeSpan.FromHours(1);
        for (var i = 0; i < 2; i++) pacing.Done(later);
        pacing.Rest(later).ShouldBe(Pace);
    }
}
