namespace OrleansFlow.Domain.History;

/// <summary>Who gave a command, from where, by which request, and why.</summary>
/// <param name="Actor">Who asked; null when nobody says.</param>
/// <param name="Address">From where; null when it came from this process.</param>
/// <param name="RequestId">
/// The caller's name for this one command: the same id again gets the same answer, and has no second effect. Null: each call counts.
/// </param>
/// <param name="Why">Why, in words; null when nobody says.</param>
public sealed record Origin(string? Actor = null, string? Address = null, string? RequestId = null, string? Why = null)
{
    /// <summary>Nobody says.</summary>
    public static readonly Origin Unknown = new();
}
