using System.Net;
using OrleansFlow.Api;
using OrleansFlow.Api.Security;

namespace OrleansFlow.Standalone.Serving;

/// <summary>Where and for whom a server listens.</summary>
public sealed record ServeOptions
{
    /// <summary>The port of gRPC (HTTP/2 without TLS) when nobody says otherwise.</summary>
    public const int StandardPort = 8233;

    /// <summary>The port of JSON over HTTP/1.1 when nobody says otherwise.</summary>
    public const int StandardHttpPort = 8234;

    /// <summary>The address to listen on. Default: loopback.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port of gRPC; 0: any that is free.</summary>
    public int Port { get; init; } = StandardPort;

    /// <summary>The port of JSON; 0: any that is free.</summary>
    public int HttpPort { get; init; } = StandardHttpPort;

    /// <summary>Who may call; null: whoever has the token of the data folder.</summary>
    public TokenBook? Tokens { get; init; }

    /// <summary>
    /// Names by which the server may be called, without a port: for reverse proxies and other addresses than loopback. Empty: on loopback
    /// its own names only, elsewhere any.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>
    /// Where other hosts of the database reach this one's gRPC, such as <c>http://10.0.0.7:8233</c>. Default: the address that it listens on, or
    /// the machine's name where that is every address.
    /// </summary>
    public string? PeerAddress { get; init; }

    /// <summary>What callers may use at once.</summary>
    public ApiLimits Limits { get; init; } = new();

    /// <summary>See <see cref="ApiParts.LookEvery"/>; null: its default. For tests of what watchers hear.</summary>
    internal TimeSpan? LookEvery { get; init; }
}
