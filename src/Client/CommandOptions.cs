namespace OrleansFlow.Client;

/// <summary>What goes with every command.</summary>
public record CommandOptions
{
    /// <summary>Why, in words, for the audit trail. At most 1,000 characters. Default: none.</summary>
    public string? Why { get; init; }

    /// <summary>
    /// Names the command, so that a program that starts again can repeat it: the same id does it once, and answers what was answered
    /// before. 1 to 200 printable ASCII characters. Default: one that the client makes for the call and keeps over its retries.
    /// </summary>
    public string? RequestId { get; init; }
}
