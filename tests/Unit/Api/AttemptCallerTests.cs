using OrleansFlow.Api.Attempts;
using OrleansFlow.Tests.Unit.Fakes;

namespace OrleansFlow.Tests.Unit.Api;

public sealed class AttemptCallerTests
{
    [Fact]
    public async Task ALoop_IsSlowedDown_AndABurstIsNot()
    {
        var time = new FakeTime(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var caller = new AttemptCaller(null!, time);
        for (var i = 0; i < AttemptCaller.CallsPerSecond; i++) caller.PaceAsync(default).IsCompletedSuccessfully.ShouldBeTrue();

        var first = caller.PaceAsync(default);
        var second = caller.PaceAsync(default);
        first.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1) / AttemptCaller.CallsPerSecond);
        await first;
        second.IsCompleted.ShouldBeFalse();

        time.Advance(TimeSpan.FromSeconds(2));
        await second;
        caller.PaceAsync(default).IsCompletedSuccessfully.ShouldBeTrue("a rest is credited");
    }
}
