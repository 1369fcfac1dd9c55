namespace OrleansFlow.Domain.Schedules;

/// <summary>A single tick.</summary>
internal sealed class OnceTicks(DateTimeOffset tick) : ITicks
{
    public DateTimeOffset? NextAfter(DateTimeOffset moment) => moment < tick ? tick : null;

    public DateTimeOffset? LastAtOrBefore(DateTimeOffset moment) => tick <= moment ? tick : null;
}
