namespace OrleansFlow.Cli.Terminal;

/// <summary>Colours for a terminal, or none.</summary>
internal sealed class Paint(bool enabled)
{
    private const string Reset = "\u001b[0m";

    /// <summary>Whether there are any.</summary>
    public bool Enabled => enabled;

    /// <summary>No colours.</summary>
    public static readonly Paint None = new(false);

    /// <summary>A table's header.</summary>
    public string Header(string text) => With("1", text);

    /// <summary>Something of little weight.</summary>
    public string Faint(string text) => With("2", text);

    /// <summary>Something that went wrong.</summary>
    public string Error(string text) => With("31", text);

    /// <summary>A text in the colour of a state.</summary>
    /// <param name="state">The state's stored name.</param>
    /// <param name="text">What is shown.</param>
    public string State(string state, string text) => Code(state) is { } code ? With(code, text) : text;

    private string With(string code, string text) => enabled && text.Length > 0 ? $"\u001b[{code}m{text}{Reset}" : text;

    private static string? Code(string state) => state switch
    {
        "success" or "succeeded" or "created" => "32",
        "failed" or "upstream_failed" or "lost" or "invalid" => "31",
        "running" or "leaving" or "updated" => "36",
        "queued" or "dispatching" or "held" or "scheduled" or "up_for_retry" => "33",
        "skipped" or "cancelled" or "superseded" or "removed" or "none" => "2",
        _ => null,
    };
}
