using System.Diagnostics;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Telemetry.Tracing;

namespace OrleansFlow.Tests.Unit.Telemetry;

public sealed class SpansTests : IDisposable
{
    private static readonly DateTimeOffset s_begin = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private readonly ActivitySource _source = new("test-spans");
    private readonly List<Activity> _told = [];
    private readonly ActivityListener _listener;

    public SpansTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source == _source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _told.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public void ASpan_HasTheIdsAndTimes_ThatItIsTold()
    {
        var context = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var parent = ActivitySpanId.CreateRandom();

        new Spans(_source).Tell(context, parent, new PastSpan { Name = "past", From = s_begin, To = s_begin.AddSeconds(3), Problem = "oom" });

        var span = _told.ShouldHaveSingleItem();
        (span.TraceId, span.SpanId, span.ParentSpanId).ShouldBe((context.TraceId, context.SpanId, parent));
        (span.StartTimeUtc, span.Duration).ShouldBe((s_begin.UtcDateTime, TimeSpan.FromSeconds(3)));
        span.Recorded.ShouldBeTrue();
        span.Status.ShouldBe(ActivityStatusCode.Error);
    }

    [Fact]
    public void ARoot_HasNoParent_AndIsNobodysChild()
    {
        using var around = new Activity("around").Start();
        var context = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        new Spans(_source).Tell(context, null, new PastSpan { Name = "root", From = s_begin, To = s_begin });

        var span = _told.ShouldHaveSingleItem();
        (span.TraceId, span.SpanId, span.ParentSpanId).ShouldBe((context.TraceId, context.SpanId, default));
        Activity.Current.ShouldBe(around);
    }

    [Fact]
    public void Ids_AreTheSameEverywhere_AndOthersForEachRunAndInstallation()
    {
        var (one, other) = (Guid.Parse("6f9619ff-8b86-d011-b42d-00c04fc964ff"), Guid.Parse("7f9619ff-8b86-d011-b42d-00c04fc964ff"));
        var run = new RunId("long-1");
        var attempt = new AttemptKey(new TaskKey(run, new TaskId("train")), 1);

        new TraceIds(one).TraceOf(run).ShouldBe(new TraceIds(one).TraceOf(run));
        new TraceIds(one).TraceOf(run).ShouldNotBe(new TraceIds(other).TraceOf(run));
        new TraceIds(one).TraceOf(run).ShouldNotBe(new TraceIds(one).TraceOf(new RunId("long-2")));
        new TraceIds(one).SpanOf(attempt).ShouldBe(new TraceIds(one).SpanOf(attempt));
        new TraceIds(one).SpanOf(attempt).ShouldNotBe(new TraceIds(one).SpanOf(attempt with { Epoch = 2 }));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }
}
