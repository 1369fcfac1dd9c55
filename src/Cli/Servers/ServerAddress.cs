using OrleansFlow.Rpc.Client;

namespace OrleansFlow.Cli.Servers;

/// <summary>A server that commands work against.</summary>
/// <param name="Address">Where it listens: <c>host:port</c>, a URL, or <c>unix:///path</c>.</param>
/// <param name="TokenFile">The file with the token to show it; null: none.</param>
/// <param name="Origin">Who named it, for messages: an option, a variable, a context, a data folder.</param>
internal sealed record ServerAddress(string Address, string? TokenFile, string Origin)
{
    /// <summary>
    /// Asked where it is when it does not answer, of a server that was found by its data folder, which is on this machine; it may have started
    /// again on another port. Null: it stays where it is.
    /// </summary>
    public Func<string?>? FindAgain { get; init; }

    /// <summary>Whether it runs on this machine, so that its paths are paths here.</summary>
    public bool IsThisMachine => FindAgain is not null || (RpcAddress.TryParse(Address, out var address, out _) && address.IsLoopback);

    /// <summary>What is wrong with an address, or with showing it a token; null when nothing is.</summary>
    public static string? Problem(string address, string? tokenFile)
    {
        if (!RpcAddress.TryParse(address, out var read, out _))
            return $"'{address}' is no address of a server; write 127.0.0.1:8233, https://flow.example:443 or unix:///path";
        return tokenFile is null || read.IsPrivate ? null
            : $"the token of {tokenFile} would cross the network in clear text to {address}; write https://..., or reach the server by a tunnel that ends on this machine";
    }

    /// <inheritdoc/>
    public override string ToString() => Address;
}
