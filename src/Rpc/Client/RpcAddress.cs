using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace OrleansFlow.Rpc.Client;

/// <summary>Where a server is: <c>http://host:port</c>, <c>https://host:port</c>, <c>host:port</c> or <c>unix:///path</c>.</summary>
public sealed class RpcAddress
{
    private const string UnixScheme = "unix://";
    private readonly string _text;

    private RpcAddress(string text, Uri target, string? socket) => (_text, Target, Socket) = (text, target, socket);

    /// <summary>What requests are made to.</summary>
    internal Uri Target { get; }

    /// <summary>The Unix socket; null for a network.</summary>
    internal string? Socket { get; }

    /// <summary>Where to connect to when nothing has to be looked up: a Unix socket, or a port of this machine. Null: the host is looked up.</summary>
    internal EndPoint? EndPoint => Socket is { } path ? new UnixDomainSocketEndPoint(path) : Target.Host switch
    {
        "127.0.0.1" => new IPEndPoint(IPAddress.Loopback, Target.Port),
        "[::1]" => new IPEndPoint(IPAddress.IPv6Loopback, Target.Port),
        _ => null,
    };

    /// <summary>Whether it is one of this machine: a Unix socket, or loopback.</summary>
    public bool IsLoopback => Socket is not null || Target.IsLoopback;

    /// <summary>Whether nobody on a network can listen: this machine, or TLS.</summary>
    public bool IsPrivate => IsLoopback || Target.Scheme == Uri.UriSchemeHttps;

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static RpcAddress Parse(string text) => TryParse(text, out var address, out var problem) ? address : throw new ArgumentException(problem, nameof(text));

    /// <summary>Reads an address, or says why it is none.</summary>
    /// <param name="text">The address.</param>
    /// <param name="address">The address.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RpcAddress? address, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        (address, problem) = (null, null);
        if (text.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            var path = text[UnixScheme.Length..];
            if (Path.IsPathRooted(path)) address = new RpcAddress(text, new Uri("http://localhost"), path);
            else problem = $"'{text}' is no address: after unix:// comes an absolute path.";
            return address is not null;
        }

        var full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (Uri.TryCreate(full, UriKind.Absolute, out var target) && target.Scheme is "http" or "https" && target.PathAndQuery == "/" && target.Host.Length > 0)
            address = new RpcAddress(text, target, null);
        else problem = $"'{text}' is no address: write http://host:port, https://host:port, host:port or unix:///path.";
        return address is not null;
    }

    /// <summary>As it was written.</summary>
    public override string ToString() => _text;
}
