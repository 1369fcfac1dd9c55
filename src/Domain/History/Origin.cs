namespace OrleansFlow.Domain.History;

/// <summary>Who gave a command, from where, and by which request.</summary>
/// <param name="Actor">Who asked; null when nobody says.</param>
/// <param name="Address">From where; null when it came from this process.</param>
/// <param name="RequestId">
/// The caller's name for this one command: the same id again gets the same answer, and has no second effect. Null: each call counts.
/// </param>
public sealed record Origin(string? Actor = null, string? Address = null, string? RequestId = null)
{
    /// <summary>Nobody says.</summary>
    public static readonly Origin Unknown = new();
}
