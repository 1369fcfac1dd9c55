using FsCheck;
using FsCheck.Fluent;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Tests.Rpc.Wire;

public class GrpcTimeoutTests
{
    [Theory]
    [InlineData("1H", 3600_000)]
    [InlineData("2M", 120_000)]
    [InlineData("3S", 3_000)]
    [InlineData("4m", 4)]
    [InlineData("5000u", 5)]
    [InlineData("6000000n", 6)]
    [InlineData("00000001S", 1000)]
    [InlineData("0n", 0)]
    public void AValueAndAUnit_AreATimeout(string text, int milliseconds)
    {
        GrpcTimeout.TryParse(text, out var timeout).ShouldBeTrue();
        timeout.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData(" 1S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData("١S")]
    public void AnythingElse_IsNone(string text) => GrpcTimeout.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void TheServer_NeverGivesUpBeforeTheClient() =>
        Prop.ForAll(ArbMap.Default.ArbFor<PositiveInt>(), Gen.Choose(1, 1_000_000).ToArbitrary(), (ticks, factor) =>
        {
            var timeout = TimeSpan.FromTicks((long)ticks.Get * factor);
            GrpcTimeout.TryParse(GrpcTimeout.Format(timeout), out var read).ShouldBeTrue();
            read.ShouldBeGreaterThanOrEqualTo(timeout);
            read.ShouldBeLessThanOrEqualTo(timeout * 1.00001 + TimeSpan.FromMicroseconds(1));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheLongestTimeout_StillFits()
    {
        GrpcTimeout.TryParse(GrpcTimeout.Format(TimeSpan.MaxValue), out var timeout).ShouldBeTrue();
        timeout.ShouldBeGreaterThan(TimeSpan.FromDays(1000));
    }
}
