using OrleansFlow.Domain.Schedules;
using static OrleansFlow.Tests.Unit.Domain.Schedules.ScheduleFacts;

namespace OrleansFlow.Tests.Unit.Domain.Schedules;

public class ScheduleTimeTests
{
    [Theory]
    [InlineData("2024-01-31", "UTC", "2024-01-31T00:00")]
    [InlineData("2024-01-31", "Europe/Berlin", "2024-01-30T23:00")]
    [InlineData("2024-07-01T06:00", "Europe/Berlin", "2024-07-01T04:00")]
    [InlineData("2024-07-01 06:00:30.5", "UTC", "2024-07-01T06:00:30.5")]
    [InlineData("2024-07-01T06:00Z", "Europe/Berlin", "2024-07-01T06:00")]
    [InlineData("2024-07-01 06:00:00+05:45", "Europe/Berlin", "2024-07-01T00:15")]
    [InlineData("2024-03-31T02:30", "Europe/Berlin", "2024-03-31T01:00")] // skipped: the next valid moment
    [InlineData("2024-10-27T02:30", "Europe/Berlin", "2024-10-27T00:30")] // repeated: the first pass
    public void Text_Parses_LocallyUnlessItNamesAnOffset(string text, string zone, string expected)
    {
        ScheduleTime.TryParse(text, zone, out var moment, out var error).ShouldBeTrue(error);
        moment.ShouldBe(At(expected));
        moment.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(null, "UTC", "expected 2024-01-31")]
    [InlineData("31.01.2024", "UTC", "'31.01.2024' is not a date")]
    [InlineData("2024-02-30", "UTC", "is not a date")]
    [InlineData("tomorrow", "UTC", "is not a date")]
    [InlineData("2024-01-31", "Europe/Berlni", "Did you mean 'Europe/Berlin'?")]
    public void BadText_IsRefused(string? text, string zone, string part)
    {
        ScheduleTime.TryParse(text, zone, out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain(part);
    }
}
