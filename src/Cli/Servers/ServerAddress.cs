using System.Net;

namespace OrleansFlow.Cli.Servers;

/// <summary>A server that commands work against.</summary>
/// <param name="Address">Where it listens: <c>host:port</c>, a URL, or <c>unix:///path</c>.</param>
/// <param name="TokenFile">The file with the token to show it; null: none.</param>
/// <param name="Origin">Who named it, for messages: an option, a variable, a context, a data folder.</param>
internal sealed record ServerAddress(string Address, string? TokenFile, string Origin)
{
    /// <summary>Whether it runs on this machine, so that its paths are paths here.</summary>
    public bool IsThisMachine => Uri() is { } uri && (uri.Scheme == "unix" || uri.IsLoopback);

    /// <summary>What is wrong with an address; null when nothing is.</summary>
    public static string? Problem(string address) => Read(address) is { Scheme: "http" or "https" or "unix" }
        ? null
        : $"'{address}' is no address of a server; write 127.0.0.1:8233, https://flow.example:443 or unix:///path";

    /// <inheritdoc/>
    public override string ToString() => Address;

    private Uri? Uri() => Read(Address);

    private static Uri? Read(string address) =>
        System.Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}", UriKind.Absolute, out var uri)
        && (uri.Scheme == "unix" || IPAddress.TryParse(uri.Host.Trim('[', ']'), out _) || uri.Host.Length > 0) ? uri : null;
}
