using FsCheck;
using FsCheck.Fluent;
using OrleansFlow.Domain.Schedules;
using static OrleansFlow.Tests.Unit.Domain.Schedules.ScheduleFacts;

namespace OrleansFlow.Tests.Unit.Domain.Schedules;

public class TimetableTests
{
    private static readonly ScheduleSpec EveryTenDays = new() { Every = TimeSpan.FromDays(10), Start = At("2024-01-01") };
    private static readonly ScheduleSpec Daily = Cron("@daily");

    [Fact]
    public void Every_WithoutCatchup_FirstFiresAtTheNextGridPoint()
    {
        var due = new Timetable(EveryTenDays, At("2024-02-15T10:00")).Due(null, At("2024-02-15T10:00"), 10);
        due.Due.ShouldBeEmpty();
        due.Next.ShouldNotBeNull().FireAt.ShouldBe(At("2024-02-20"));
    }

    [Fact]
    public void Every_WithoutStart_IsAnchoredAtActivation_CutToSeconds()
    {
        var timetable = new Timetable(new ScheduleSpec { Every = TimeSpan.FromHours(1) }, At("2024-02-15T10:00:07.1234567"));
        timetable.Due(null, At("2024-02-15T10:00:08"), 10).Next!.FireAt.ShouldBe(At("2024-02-15T11:00:07"));
        timetable.Due(At("2024-02-15T11:00:07"), At("2024-02-15T11:30"), 10).Next!.FireAt.ShouldBe(At("2024-02-15T12:00:07"));
    }

    [Fact]
    public void Every_DoesNotFollowDst()
    {
        var spec = new ScheduleSpec { Every = TimeSpan.FromDays(1), TimeZone = "Europe/Berlin", Start = At("2024-03-30T05:00") };
        Fires(spec, "2024-03-30T00:00", 3).ShouldBe([At("2024-03-30T05:00"), At("2024-03-31T05:00"), At("2024-04-01T05:00")]);
    }

    [Fact]
    public void LogicalDate_IsTheFireTime_WithAnEmptyInterval()
    {
        var fire = new Timetable(Daily, At("2024-01-01")).Next(At("2024-01-05T12:00"));
        fire.ShouldBe(new Fire(At("2024-01-06"), At("2024-01-06"), At("2024-01-06"), At("2024-01-06")));
    }

    [Fact]
    public void Interval_IsNamedByItsStart_AndFiresAtItsEnd()
    {
        var fire = new Timetable(Daily with { Interval = true }, At("2024-01-01")).Next(At("2024-01-05T12:00"));
        fire.ShouldBe(new Fire(At("2024-01-05"), At("2024-01-05"), At("2024-01-06"), At("2024-01-06")));
    }

    [Fact]
    public void Interval_WithCatchup_BeginsWithTheFirstWholeOneAfterStart()
    {
        var timetable = new Timetable(Daily with { Interval = true, Catchup = true, Start = At("2024-01-01T06:00") }, At("2024-01-04T12:00"));
        var due = timetable.Due(null, At("2024-01-04T12:00"), 10);
        due.Dates().ShouldBe([At("2024-01-02"), At("2024-01-03")]);
        due.Next!.FireAt.ShouldBe(At("2024-01-05"));
    }

    [Fact]
    public void Interval_OnAGridWithoutStart_BeginsAtActivation()
    {
        var spec = new ScheduleSpec { Every = TimeSpan.FromHours(1), Interval = true };
        foreach (var catchup in new[] { false, true })
        {
            var next = new Timetable(spec with { Catchup = catchup }, At("2024-01-01T10:00")).Due(null, At("2024-01-01T10:00"), 10).Next;
            next.ShouldBe(new Fire(At("2024-01-01T10:00"), At("2024-01-01T10:00"), At("2024-01-01T11:00"), At("2024-01-01T11:00")));
        }
    }

    [Fact]
    public void WithoutCatchup_AfterAnOutage_OnlyTheLatestDueFireRuns()
    {
        var due = new Timetable(Daily, At("2024-01-01T12:00")).Due(At("2024-01-03"), At("2024-01-20T12:00"), 10);
        due.Dates().ShouldBe([At("2024-01-20")]);
        due.Next!.FireAt.ShouldBe(At("2024-01-21"));
    }

    [Fact]
    public void WithoutCatchup_PausedSinceItsActivation_TheLatestMissedFireRuns()
    {
        var timetable = new Timetable(Daily, At("2024-01-01T12:00"));
        timetable.Due(null, At("2024-01-01T13:00"), 10).Due.ShouldBeEmpty();
        timetable.Due(null, At("2024-01-09T13:00"), 10).Dates().ShouldBe([At("2024-01-09")]);
    }

    [Fact]
    public void WithoutCatchup_NothingFiresForTheTimeBeforeActivation() =>
        new Timetable(Daily with { Start = At("2023-01-01") }, At("2024-01-01T12:00")).Due(null, At("2024-01-01T12:00"), 10).Due.ShouldBeEmpty();

    [Fact]
    public void WithCatchup_EveryDueFireSinceStartRuns_OldestFirst()
    {
        var due = new Timetable(EveryTenDays with { Catchup = true }, At("2024-02-15")).Due(null, At("2024-02-15"), 10);
        due.Dates().ShouldBe([At("2024-01-01"), At("2024-01-11"), At("2024-01-21"), At("2024-01-31"), At("2024-02-10")]);
        due.Next!.FireAt.ShouldBe(At("2024-02-20"));
    }

    [Fact]
    public void WithCatchup_AndNoStart_FiresSinceActivationRun() =>
        new Timetable(Daily with { Catchup = true }, At("2024-01-01T12:00")).Due(null, At("2024-01-03T12:00"), 10)
            .Dates().ShouldBe([At("2024-01-02"), At("2024-01-03")]);

    [Fact]
    public void WithCatchup_PagesAreBounded_AndContinueWhereTheyEnded()
    {
        var timetable = new Timetable(
            new ScheduleSpec { Every = TimeSpan.FromSeconds(1), Start = At("2023-01-01"), Catchup = true }, At("2023-01-01"));
        var page = timetable.Due(null, At("2024-01-01"), 3);
        page.Dates().ShouldBe([At("2023-01-01T00:00:00"), At("2023-01-01T00:00:01"), At("2023-01-01T00:00:02")]);
        page.Next!.FireAt.ShouldBe(At("2023-01-01T00:00:03"));
        timetable.Due(page.Due[^1].LogicalDate, At("2024-01-01"), 1).Dates().ShouldBe([At("2023-01-01T00:00:03")]);
    }

    [Fact]
    public void FutureStart_IsTheFirstFire()
    {
        foreach (var catchup in new[] { false, true })
        {
            var spec = EveryTenDays with { Catchup = catchup };
            new Timetable(spec, At("2023-12-01")).Due(null, At("2023-12-05"), 10).Next!.FireAt.ShouldBe(At("2024-01-01"));
        }
    }

    [Fact]
    public void End_IsTheLastLogicalDate()
    {
        var spec = EveryTenDays with { End = At("2024-01-21"), Catchup = true };
        var due = new Timetable(spec, At("2024-01-01")).Due(null, At("2024-06-01"), 10);
        due.Dates().ShouldBe([At("2024-01-01"), At("2024-01-11"), At("2024-01-21")]);
        due.Next.ShouldBeNull();

        due = new Timetable(spec with { Catchup = false, Interval = true }, At("2024-01-05")).Due(null, At("2024-06-01"), 10);
        due.Due.ShouldHaveSingleItem().ShouldBe(new Fire(At("2024-01-21"), At("2024-01-21"), At("2024-01-31"), At("2024-01-31")));
        due.Next.ShouldBeNull();
    }

    [Fact]
    public void Once_FiresAtStart_EvenWhenActivatedLater()
    {
        var timetable = new Timetable(new ScheduleSpec { Once = true, Start = At("2024-01-01") }, At("2024-06-01"));
        timetable.Due(null, At("2024-06-01"), 10).Dates().ShouldBe([At("2024-01-01")]);
        var after = timetable.Due(At("2024-01-01"), At("2024-06-02"), 10);
        after.Due.ShouldBeEmpty();
        after.Next.ShouldBeNull();
    }

    [Fact]
    public void Once_WithoutStart_FiresAtActivation() =>
        new Timetable(ScheduleSpec.FromText("@once"), At("2024-06-01T10:00:00.9")).Due(null, At("2024-06-01T10:00:01"), 10)
            .Dates().ShouldBe([At("2024-06-01T10:00:00")]);

    [Fact]
    public void ClockSetBack_FiresNothingTwice()
    {
        foreach (var catchup in new[] { false, true })
        {
            var due = new Timetable(Daily with { Catchup = catchup }, At("2024-01-01")).Due(At("2024-01-10"), At("2024-01-09T12:00"), 10);
            due.Due.ShouldBeEmpty();
            due.Next!.LogicalDate.ShouldBe(At("2024-01-11"));
        }
    }

    [Fact]
    public void GridAtTheEndOfTime_Ends()
    {
        var spec = new ScheduleSpec { Every = TimeSpan.MaxValue, Start = At("2024-01-01") };
        new Timetable(spec, At("2024-01-01")).Next(At("2024-01-01")).ShouldBeNull();
        new Timetable(Daily, At("2024-01-01")).Next(DateTimeOffset.MaxValue).ShouldBeNull();
    }

    [Fact]
    public void SecondlyGrid_AfterAYearDown_IsComputedDirectly()
    {
        // a walk over 31 million fires would exceed this by far
        var timetable = new Timetable(new ScheduleSpec { Every = TimeSpan.FromSeconds(1), Start = At("2020-01-01") }, At("2020-01-01"));
        for (var i = 0; i < 10_000; i++)
            timetable.Due(At("2023-01-01"), At("2024-01-01").AddSeconds(i), 10).Dates().ShouldBe([At("2024-01-01").AddSeconds(i)]);
    }

    [Fact]
    public void GridPoints_AreStartPlusMultiples()
    {
        Prop.ForAll<PositiveInt, PositiveInt, bool>((every, offset, interval) =>
        {
            var spec = new ScheduleSpec { Every = TimeSpan.FromSeconds(every.Get), Start = At("2024-01-01T00:00:11"), Interval = interval };
            var now = At("2024-01-02").AddSeconds(offset.Get * 977L);
            var fire = new Timetable(spec, At("2024-01-01")).Next(now)!;
            ((fire.LogicalDate - spec.Start.Value).Ticks % spec.Every.Value.Ticks).ShouldBe(0);
            fire.FireAt.ShouldBeGreaterThan(now);
            (fire.FireAt - fire.LogicalDate).ShouldBe(interval ? spec.Every.Value : TimeSpan.Zero);
            if (fire.LogicalDate > spec.Start)
                (fire.FireAt - spec.Every.Value).ShouldBeLessThanOrEqualTo(now);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void HoweverOftenAsked_WithoutCatchup_OnlyTheNewestFireIsDue_Once()
    {
        Prop.ForAll(Polls(catchup: false), c =>
        {
            var timetable = new Timetable(c.Spec, At("2024-03-26"));
            Fire? last = null;
            foreach (var now in c.Polls)
            {
                var (due, next) = timetable.Due(last?.LogicalDate, now, 5);
                next!.FireAt.ShouldBeGreaterThan(now);
                if (due.Count == 0)
                {
                    next.ShouldBe(timetable.Next(last?.FireAt ?? At("2024-03-26")));
                    continue;
                }
                var fire = due.ShouldHaveSingleItem();
                fire.FireAt.ShouldBeLessThanOrEqualTo(now);
                fire.FireAt.ShouldBeGreaterThan(last?.FireAt ?? At("2024-03-26"));
                next.ShouldBe(timetable.Next(now));
                next.ShouldBe(timetable.Next(fire.FireAt));
                last = fire;
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void DataIntervals_TouchEachOther_AcrossDst()
    {
        foreach (var spec in Specs)
        {
            var fires = new Timetable(spec with { Interval = true, Catchup = true, Start = At("2024-03-25") }, At("2024-03-25"))
                .Due(null, At("2025-03-25"), int.MaxValue).Due;
            fires.Count.ShouldBeGreaterThan(300);
            foreach (var (one, two) in fires.Zip(fires.Skip(1)))
            {
                one.DataIntervalEnd.ShouldBe(two.DataIntervalStart);
                one.FireAt.ShouldBe(one.DataIntervalEnd);
            }
        }
    }

    [Fact]
    public void HoweverOftenAskedAndRestarted_WithCatchup_EachFireComesOnce()
    {
        Prop.ForAll(Polls(catchup: true), Gen.Choose(1, 5).ToArbitrary(), (c, limit) =>
        {
            var made = new List<Fire>();
            foreach (var now in c.Polls)
            {
                var timetable = new Timetable(c.Spec, At("2024-03-26")); // a restart
                made.AddRange(timetable.Due(made.Count == 0 ? null : made[^1].LogicalDate, now, limit).Due);
            }
            var all = new Timetable(c.Spec, At("2024-03-26")).Due(null, c.Polls[^1], int.MaxValue).Due;
            made.ShouldBe(all.Take(made.Count));
        }).QuickCheckThrowOnFailure();
    }

    private static readonly ScheduleSpec[] Specs =
    [
        Cron("30 2 * * *", "Europe/Berlin"),
        Cron("15 * * * *", "Australia/Lord_Howe"),
        Cron("0 0 * * *", "America/New_York"),
        Cron("45 5 * * *", "Asia/Kathmandu"),
        new ScheduleSpec { Every = TimeSpan.FromMinutes(97) },
    ];

    /// <summary>A schedule, and moments at which somebody asks what is due.</summary>
    private static Arbitrary<(ScheduleSpec Spec, DateTimeOffset[] Polls)> Polls(bool catchup)
    {
        var cases =
            from spec in Gen.Elements(Specs)
            from interval in Gen.Elements(true, false)
            from steps in Gen.Choose(1, 3_000).ListOf(20)
            select (
                spec with { Catchup = catchup, Interval = interval, Start = At("2024-03-25") },
                steps.Aggregate(new List<DateTimeOffset> { At("2024-03-26") }, (polls, minutes) => [.. polls, polls[^1].AddMinutes(minutes)]).ToArray());
        return cases.ToArbitrary();
    }
}
