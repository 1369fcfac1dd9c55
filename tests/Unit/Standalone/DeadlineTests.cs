using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Tests.Unit.Fakes;

namespace OrleansFlow.Tests.Unit.Standalone;

public sealed class DeadlineTests
{
    private readonly FakeTime _time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Deadline _deadline;

    public DeadlineTests() => _deadline = new Deadline(TimeSpan.FromSeconds(9), _time);

    [Fact]
    public void WhatOneDoesNotUse_IsLeftToTheNext_AndNothingIsLeftAfterIt()
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        _deadline.LeftBut(TimeSpan.FromSeconds(3)).ShouldBe(TimeSpan.FromSeconds(4));
        _deadline.LeftBut(TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(7));

        _time.Advance(TimeSpan.FromSeconds(8));

        _deadline.LeftBut(TimeSpan.Zero).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task WorkThatOutlastsIt_IsWaitedForNoLonger_AndWorkThatIsOverStillCounts()
    {
        var work = new TaskCompletionSource();
        var waiting = _deadline.WaitAsync(work.Task, TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(7));
        waiting.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        await Should.ThrowAsync<TimeoutException>(waiting);
        work.SetResult();
        await _deadline.WaitAsync(work.Task, TimeSpan.FromSeconds(9));
    }
}
