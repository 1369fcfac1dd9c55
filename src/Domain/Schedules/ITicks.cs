namespace OrleansFlow.Domain.Schedules;

/// <summary>The bare moments of a schedule, strictly ascending, in UTC; without start, end or catchup.</summary>
internal interface ITicks
{
    /// <summary>The first tick strictly after the moment; null when there is none.</summary>
    DateTimeOffset? NextAfter(DateTimeOffset moment);

    /// <summary>The last tick at or before the moment; null when there is none.</summary>
    DateTimeOffset? LastAtOrBefore(DateTimeOffset moment);
}
