using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OrleansFlow.Telemetry.Tracing;

/// <summary>
/// Makes spans of what has happened, with ids that were known before it began: an attempt is given its own as <c>TRACEPARENT</c> when it starts, and
/// its span is told when it ends, maybe by another host. The trace and the span above are given as a context; a span's own id the framework
/// draws by chance and has no other way in, so that this one is set behind its back, guarded by a test. Thread-safe.
/// </summary>
/// <param name="source">Whose spans they are.</param>
internal sealed class Spans(ActivitySource source)
{
    /// <summary>Tells of a span that is over.</summary>
    /// <param name="context">Its own ids, and whether it is sampled.</param>
    /// <param name="parent">The span above it; null: it is the root.</param>
    /// <param name="past">What is told of it.</param>
    public void Tell(ActivityContext context, ActivitySpanId? parent, PastSpan past)
    {
        var above = new ActivityContext(context.TraceId, parent ?? default, context.TraceFlags, isRemote: true);
        var before = Activity.Current;
        Activity.Current = null;
        using (var activity = source.CreateActivity(past.Name, past.Kind, above, past.Tags, past.Links))
        {
            if (activity is not null) Fill(activity, context.SpanId, past);
        }

        Activity.Current = before;
    }

    private static void Fill(Activity activity, ActivitySpanId own, PastSpan past)
    {
        activity.SetStartTime(past.From.UtcDateTime);
        activity.Start();
        SpanIdOf(activity) = own.ToHexString();
        foreach (var @event in past.Events) activity.AddEvent(@event);
        if (past.Problem is not null) activity.SetStatus(ActivityStatusCode.Error, past.Problem);
        activity.SetEndTime((past.To > past.From ? past.To : past.From).UtcDateTime);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanIdOf(Activity activity);
}

/// <summary>What is told of a span that is over.</summary>
internal sealed record PastSpan
{
    /// <summary>What kind of work it was, without ids.</summary>
    public required string Name { get; init; }

    /// <summary>Its part in a call.</summary>
    public ActivityKind Kind { get; init; } = ActivityKind.Internal;

    /// <summary>When it began.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>What it was of.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Tags { get; init; } = [];

    /// <summary>Spans of other traces that it belongs to.</summary>
    public IEnumerable<ActivityLink> Links { get; init; } = [];

    /// <summary>What happened on the way.</summary>
    public IEnumerable<ActivityEvent> Events { get; init; } = [];

    /// <summary>What went wrong; null: nothing.</summary>
    public string? Problem { get; init; }
}
