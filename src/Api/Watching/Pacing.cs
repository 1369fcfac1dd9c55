namespace OrleansFlow.Api.Watching;

/// <summary>
/// How often something may be done: now and then at once, so that a small run is seen as it happens; all the time not more often than a pace,
/// whatever happens. Pure; not thread-safe.
/// </summary>
/// <param name="pace">The shortest time between two, in the long run.</param>
/// <param name="burst">How many may follow at once upon one another after a time of rest; at least one.</param>
internal sealed class Pacing(TimeSpan pace, int burst)
{
    private DateTimeOffset _next;

    /// <summary>How long to wait before the next one; not negative.</summary>
    public TimeSpan Rest(DateTimeOffset now)
    {
        var rest = _next - now - ((burst - 1) * pace);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    /// <summary>One is done.</summary>
    public void Done(DateTimeOffset now) => _next = (_next > now ? _next : now) + pace;
}
