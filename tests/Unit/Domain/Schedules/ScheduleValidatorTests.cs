using System.Text.Json;
using OrleansFlow.Domain.Schedules;
using static OrleansFlow.Tests.Unit.Domain.Schedules.ScheduleFacts;

namespace OrleansFlow.Tests.Unit.Domain.Schedules;

public class ScheduleValidatorTests
{
    [Theory]
    [InlineData("0 25 * * *", "the hour field '25' has 25, which is not within 0-23; for example 8-18")]
    [InlineData("60 * * * *", "the minute field '60'")]
    [InlineData("0 0 0 * *", "the day-of-month field '0'")]
    [InlineData("0 0 * 13 *", "the month field '13'")]
    [InlineData("0 0 * * 8", "the day-of-week field '8'")]
    [InlineData("0 0 * * MOM", "Did you mean 'MON'?")]
    [InlineData("0 0 * JUNE *", "Did you mean 'JUN'?")]
    [InlineData("0 0 L * *", "L, W and # are not supported")]
    [InlineData("0 0 * * 5#2", "L, W and # are not supported")]
    [InlineData("0 0 15W * *", "L, W and # are not supported")]
    [InlineData("*/0 * * * *", "bad step '0'")]
    [InlineData("1,,2 * * * *", "empty place")]
    [InlineData("-5 * * * *", "empty place")]
    [InlineData("0 0 6 * * *", "6 fields, expected 5")]
    [InlineData("0 6 * *", "4 fields, expected 5")]
    [InlineData("", "0 fields, expected 5")]
    [InlineData("daily", "Did you mean '@daily'?")]
    [InlineData("10d", "Did you mean 'every: 10d'?")]
    [InlineData("@dayly", "Did you mean '@daily'?")]
    public void BadCron_NamesFieldAndExample(string cron, string part)
    {
        var problem = ScheduleValidator.Validate(Cron(cron)).ShouldHaveSingleItem();
        problem.Path.ShouldBe("cron");
        problem.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData("Europe/Berln", "Europe/Berlin")]
    [InlineData("Berlin", "Europe/Berlin")]
    [InlineData("new york", "America/New_York")]
    public void UnknownZone_GetsASuggestion(string zone, string meant)
    {
        var problem = ScheduleValidator.Validate(Cron("@daily", zone)).ShouldHaveSingleItem();
        problem.Path.ShouldBe("timezone");
        problem.Message.ShouldContain($"Did you mean '{meant}'?");
    }

    [Fact]
    public void EveryProblem_IsCollected()
    {
        var problems = ScheduleValidator.Validate(new ScheduleSpec
        {
            Every = TimeSpan.Zero,
            Cron = "x 99 * * *",
            TimeZone = "Nowhere",
            Start = At("2024-02-01"),
            End = At("2024-01-01"),
        });
        problems.Select(p => p.Path).ShouldBe(["", "every", "cron", "cron", "timezone", "end"]);
        problems[0].Message.ShouldContain("every and cron");
    }

    [Fact]
    public void ScheduleOfNoKind_IsRefused() => ScheduleValidator.Validate(new ScheduleSpec()).ShouldHaveSingleItem();

    [Fact]
    public void OnceWithInterval_IsRefused() =>
        ScheduleValidator.Validate(new ScheduleSpec { Once = true, Interval = true }).ShouldHaveSingleItem().Path.ShouldBe("interval");

    [Fact]
    public void Timetable_RefusesWhatTheValidatorRefuses() =>
        Should.Throw<ArgumentException>(() => new Timetable(Cron("nonsense"), At("2024-01-01"))).Message.ShouldContain("expected 5");

    [Fact]
    public void Spec_SurvivesJson()
    {
        var spec = new ScheduleSpec { Every = TimeSpan.FromDays(10), Start = At("2024-01-01"), Catchup = true, Interval = true };
        JsonSerializer.Deserialize<ScheduleSpec>(JsonSerializer.Serialize(spec)).ShouldBe(spec);
    }

    [Fact]
    public void TextAlone_IsOnceOrCron()
    {
        ScheduleSpec.FromText("@once").ShouldBe(new ScheduleSpec { Once = true });
        ScheduleSpec.FromText(" 0 6 * * * ").ShouldBe(Cron("0 6 * * *"));
    }
}
