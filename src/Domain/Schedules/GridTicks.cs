namespace OrleansFlow.Domain.Schedules;

/// <summary><c>anchor + k * step</c> for k = 0, 1, 2, ... in absolute time. Every answer takes constant time.</summary>
internal sealed class GridTicks(DateTimeOffset anchor, TimeSpan step) : ITicks
{
    private readonly long _anchor = anchor.UtcTicks;
    private readonly long _step = step > TimeSpan.Zero
        ? step.Ticks
        : throw new ArgumentOutOfRangeException(nameof(step), step, "the step of a schedule must be positive");

    public DateTimeOffset? NextAfter(DateTimeOffset moment) =>
        moment.UtcTicks < _anchor ? At(0) : At(((moment.UtcTicks - _anchor) / _step) + 1);

    public DateTimeOffset? LastAtOrBefore(DateTimeOffset moment) =>
        moment.UtcTicks < _anchor ? null : At((moment.UtcTicks - _anchor) / _step);

    private DateTimeOffset? At(long k) =>
        k > (DateTimeOffset.MaxValue.Ticks - _anchor) / _step ? null : new DateTimeOffset(_anchor + (k * _step), TimeSpan.Zero);
}
