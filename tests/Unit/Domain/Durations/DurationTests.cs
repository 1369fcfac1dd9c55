using FsCheck;
using FsCheck.Fluent;
using OrleansFlow.Domain.Durations;

namespace OrleansFlow.Tests.Unit.Domain.Durations;

public class DurationTests
{
    [Theory]
    [InlineData("500ms", "00:00:00.5")]
    [InlineData("90s", "00:01:30")]
    [InlineData("5m", "00:05:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("10d", "10.00:00:00")]
    [InlineData("2w", "14.00:00:00")]
    [InlineData("1w2d3h4m5s6ms", "9.03:04:05.006")]
    [InlineData(" 0s ", "00:00:00")]
    public void Text_Parses(string text, string expected) =>
        Duration.Parse(text).ShouldBe(TimeSpan.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("90s", "1m30s")]
    [InlineData("2w", "14d")]
    [InlineData("0ms", "0s")]
    [InlineData("24h", "1d")]
    [InlineData("1500ms", "1s500ms")]
    public void Format_IsCanonical(string text, string canonical) => Duration.Format(Duration.Parse(text)).ShouldBe(canonical);

    [Theory]
    [InlineData(null, "got nothing")]
    [InlineData("  ", "got nothing")]
    [InlineData("90", "did you mean '90s'?")]
    [InlineData("5min", "unknown unit 'min'")]
    [InlineData("5M", "unknown unit")]
    [InlineData("1.5h", "fractions")]
    [InlineData("-5m", "'-5m' is not a duration")]
    [InlineData("30m1h", "larger ones first")]
    [InlineData("1h1h", "each unit once")]
    [InlineData("soon", "'soon' is not a duration")]
    [InlineData("99999999999999999999d", "too long")]
    [InlineData("10675199d24h", "too long")]
    public void BadText_IsRefused_WithWhatIsExpected(string? text, string part)
    {
        Duration.TryParse(text, out var value, out var error).ShouldBeFalse();
        value.ShouldBe(TimeSpan.Zero);
        error.ShouldNotBeNull().ShouldContain(part);
        Should.Throw<FormatException>(() => Duration.Parse(text!)).Message.ShouldBe(error);
    }

    [Fact]
    public void NegativeLength_IsShownWithAMinus() => Duration.Format(TimeSpan.FromMinutes(-90)).ShouldBe("-1h30m");

    [Fact]
    public void WhatIsFormatted_ReadsBack() =>
        Prop.ForAll<NonNegativeInt, NonNegativeInt>((a, b) =>
        {
            var value = TimeSpan.FromMilliseconds((long)a.Get * 1_000_003 + b.Get);
            return Duration.Parse(Duration.Format(value)) == value;
        }).QuickCheckThrowOnFailure();
}
