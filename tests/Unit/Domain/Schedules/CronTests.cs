using FsCheck;
using FsCheck.Fluent;
using OrleansFlow.Domain.Schedules;
using static OrleansFlow.Tests.Unit.Domain.Schedules.ScheduleFacts;

namespace OrleansFlow.Tests.Unit.Domain.Schedules;

public class CronTests
{
    [Theory]
    [InlineData("0 6 * * 1-5", "2024-03-01T06:00", "2024-03-04T06:00", "2024-03-05T06:00")] // Friday, then Monday
    [InlineData("0 6 * * MON-FRI", "2024-03-01T06:00", "2024-03-04T06:00", "2024-03-05T06:00")]
    [InlineData("0 0 * * 7", "2024-03-03T00:00", "2024-03-10T00:00")]
    [InlineData("0 0 * * 0", "2024-03-03T00:00", "2024-03-10T00:00")]
    [InlineData("0 0 * * fri-mon", "2024-03-01T00:00", "2024-03-02T00:00", "2024-03-03T00:00", "2024-03-04T00:00", "2024-03-08T00:00")]
    [InlineData("0 0 * * 5-7", "2024-03-01T00:00", "2024-03-02T00:00", "2024-03-03T00:00", "2024-03-08T00:00")]
    [InlineData("0 0 1 JAN,jul *", "2024-07-01T00:00", "2025-01-01T00:00")]
    [InlineData("*/20 10 * * *", "2024-03-01T10:00", "2024-03-01T10:20", "2024-03-01T10:40", "2024-03-02T10:00")]
    [InlineData("10/20 10 * * *", "2024-03-01T10:10", "2024-03-01T10:30", "2024-03-01T10:50")]
    [InlineData("0 9-17/4 1 * *", "2024-03-01T09:00", "2024-03-01T13:00", "2024-03-01T17:00", "2024-04-01T09:00")]
    [InlineData("0 0 13 * 5", "2024-03-01T00:00", "2024-03-08T00:00", "2024-03-13T00:00", "2024-03-15T00:00")] // either day will do
    [InlineData("0 0 29 2 *", "2028-02-29T00:00", "2032-02-29T00:00")]
    [InlineData("0 0 31 * *", "2024-03-31T00:00", "2024-05-31T00:00")]
    [InlineData("0 0 ? * MON", "2024-03-04T00:00")]
    [InlineData("@hourly", "2024-03-01T00:00", "2024-03-01T01:00")]
    [InlineData("@daily", "2024-03-01T00:00", "2024-03-02T00:00")]
    [InlineData("@midnight", "2024-03-01T00:00", "2024-03-02T00:00")]
    [InlineData("@weekly", "2024-03-03T00:00", "2024-03-10T00:00")]
    [InlineData("@monthly", "2024-03-01T00:00", "2024-04-01T00:00")]
    [InlineData("@yearly", "2025-01-01T00:00", "2026-01-01T00:00")]
    [InlineData("@annually", "2025-01-01T00:00", "2026-01-01T00:00")]
    public void Expression_Fires(string cron, params string[] expected) =>
        Fires(Cron(cron), "2024-02-29T23:59", expected.Length).ShouldBe(expected.Select(At));

    [Fact]
    public void LeapDay_AcrossTheYear2100_IsStillFound() =>
        Fires(Cron("0 0 29 2 *"), "2096-03-01T00:00", 1).ShouldBe([At("2104-02-29T00:00")]);

    [Theory]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 31 4,6,9,11 *")]
    public void ImpossibleDate_IsRefused(string cron) =>
        ScheduleValidator.Validate(new ScheduleSpec { Cron = cron }).ShouldHaveSingleItem().Message.ShouldContain("never fires");

    [Fact]
    public void ImpossibleDay_WithAWeekday_FiresOnTheWeekday() =>
        Fires(Cron("0 0 30 2 MON"), "2024-02-01T00:00", 1).ShouldBe([At("2024-02-05T00:00")]);

    [Theory]
    // 31 March 2024: 02:00 CET becomes 03:00 CEST; 27 October 2024: 03:00 CEST becomes 02:00 CET
    [InlineData("30 2 * * *", "Europe/Berlin", "2024-03-30T12:00", "2024-03-31T01:00", "2024-04-01T00:30")]
    [InlineData("*/20 2 * * *", "Europe/Berlin", "2024-03-30T12:00", "2024-03-31T01:00", "2024-04-01T00:00")]
    [InlineData("0 3 * * *", "Europe/Berlin", "2024-03-30T12:00", "2024-03-31T01:00", "2024-04-01T01:00")]
    [InlineData("0 2,3 * * *", "Europe/Berlin", "2024-03-30T12:00", "2024-03-31T01:00", "2024-04-01T00:00")]
    [InlineData("0 * * * *", "Europe/Berlin", "2024-03-30T23:30", "2024-03-31T00:00", "2024-03-31T01:00", "2024-03-31T02:00")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2024-10-26T12:00", "2024-10-27T00:30", "2024-10-28T01:30")]
    [InlineData("0,30 1-3 * * *", "Europe/Berlin", "2024-10-26T12:00",
        "2024-10-26T23:00", "2024-10-26T23:30", "2024-10-27T00:00", "2024-10-27T00:30", "2024-10-27T02:00", "2024-10-27T02:30")]
    [InlineData("30 * * * *", "Europe/Berlin", "2024-10-26T23:00",
        "2024-10-26T23:30", "2024-10-27T00:30", "2024-10-27T01:30", "2024-10-27T02:30")]
    [InlineData("30 0-23 * * *", "Europe/Berlin", "2024-10-27T00:00", "2024-10-27T00:30", "2024-10-27T01:30", "2024-10-27T02:30")]
    // 10 March 2024: 02:00 EST becomes 03:00 EDT; 3 November: 02:00 EDT becomes 01:00 EST
    [InlineData("30 2 * * *", "America/New_York", "2024-03-09T12:00", "2024-03-10T07:00", "2024-03-11T06:30")]
    [InlineData("30 1 * * *", "America/New_York", "2024-11-02T12:00", "2024-11-03T05:30", "2024-11-04T06:30")]
    // half an hour only: 7 April 2024 02:00 +11:00 becomes 01:30 +10:30; 6 October 02:00 +10:30 becomes 02:30 +11:00
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2024-04-06T12:00", "2024-04-06T14:45", "2024-04-07T15:15")]
    [InlineData("45 * * * *", "Australia/Lord_Howe", "2024-04-06T14:30", "2024-04-06T14:45", "2024-04-06T15:15", "2024-04-06T16:15")]
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2024-10-05T12:00", "2024-10-05T15:30", "2024-10-06T15:15")]
    // no DST, an odd offset
    [InlineData("0 6 * * *", "Asia/Kathmandu", "2024-03-30T12:00", "2024-03-31T00:15", "2024-04-01T00:15")]
    // a whole day that never was: 30 December 2011
    [InlineData("0 9 * * *", "Pacific/Apia", "2011-12-29T12:00", "2011-12-29T19:00", "2011-12-30T10:00", "2011-12-30T19:00")]
    public void LocalTime_FollowsTheZone(string cron, string zone, string after, params string[] expected) =>
        Fires(Cron(cron, zone), after, expected.Length).ShouldBe(expected.Select(At));

    [Fact]
    public void AnyExpression_InAnyZone_AgreesWithTheOracle()
    {
        var cases =
            from minute in Gen.Elements("0", "30", "*/15", "*/20", "7,45", "59", "5/25", "10-20/5")
            from hour in Gen.Elements("*", "*/1", "0-23", "1", "2", "3", "1-3", "*/6", "0,2,23")
            from day in Gen.Elements("*", "*", "1", "*/7", "10-20", "31")
            from month in Gen.Elements("*", "*", "*/2", "3,10,11", "4")
            from weekday in Gen.Elements("*", "*", "0", "7", "1-5", "6-7")
            from zone in Gen.Elements("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
            from start in Gen.Elements("2024-03-08", "2024-03-29", "2024-04-05", "2024-10-04", "2024-10-25", "2024-11-01", "2023-12-30")
            from offset in Gen.Choose(0, 3 * 24 * 60)
            select (Cron: $"{minute} {hour} {day} {month} {weekday}", Zone: zone, After: At(start + "T00:00").AddMinutes(offset));

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var until = c.After.AddDays(5);
            var ticks = Ticks(c.Cron, c.Zone);
            var found = new List<DateTimeOffset>();
            for (var t = ticks.NextAfter(c.After); t is not null && t <= until; t = ticks.NextAfter(t.Value))
                found.Add(t.Value);
            found.ShouldBe(CronOracle.Ticks(c.Cron, c.Zone, c.After, until));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Fact]
    public void LookingBack_FindsTheTickThatLookingForwardLeaves()
    {
        var cases =
            from cron in Gen.Elements("* * * * *", "*/7 * * * *", "30 2 * * *", "0 0 29 2 *", "0 9 1-7 * 1", "0,59 1-3 * 3,10 *")
            from zone in Gen.Elements("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
            from minutes in Gen.Choose(0, 20 * 366 * 24 * 60)
            select (cron, zone, After: At("2012-01-01T00:00").AddMinutes(minutes));

        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var ticks = Ticks(c.cron, c.zone);
            var first = ticks.NextAfter(c.After)!.Value;
            var second = ticks.NextAfter(first)!.Value;
            ticks.LastAtOrBefore(first).ShouldBe(first);
            ticks.LastAtOrBefore(second.AddTicks(-1)).ShouldBe(first);
            ticks.LastAtOrBefore(second).ShouldBe(second);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static CronTicks Ticks(string cron, string zone) =>
        new(CronExpression.Parse(cron, [])!, NodaTime.DateTimeZoneProviders.Tzdb[zone]);
}
