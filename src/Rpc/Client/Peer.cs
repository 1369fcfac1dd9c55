using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace OrleansFlow.Rpc.Client;

/// <summary>One address of a server, with its connections.</summary>
internal sealed class Peer : IDisposable
{
    private const string UnixScheme = "unix://";

    private Peer(string address, Uri target, string? socket, RpcChannelOptions options)
    {
        Address = address;
        Target = target;
        IsPrivate = socket is not null || target.Scheme == Uri.UriSchemeHttps || target.IsLoopback;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAliveDelay,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            SslOptions = options.Tls ?? new SslClientAuthenticationOptions(),
        };
        if (socket is not null) handler.ConnectCallback = (_, cancellation) => ConnectUnixAsync(socket, cancellation);
        Http = new HttpMessageInvoker(handler);
    }

    /// <summary>As the user wrote it.</summary>
    public string Address { get; }

    public Uri Target { get; }

    public HttpMessageInvoker Http { get; }

    /// <summary>Whether nobody on a network can listen.</summary>
    public bool IsPrivate { get; }

    /// <summary>Reads <c>http://host:port</c>, <c>https://host:port</c>, <c>host:port</c> or <c>unix:///path</c>.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static Peer Parse(string address, RpcChannelOptions options)
    {
        if (address.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            var path = address[UnixScheme.Length..];
            return Path.IsPathRooted(path)
                ? new Peer(address, new Uri("http://localhost"), path, options)
                : throw new ArgumentException($"'{address}' is no address: after unix:// comes an absolute path.");
        }

        var text = address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address;
        return Uri.TryCreate(text, UriKind.Absolute, out var target) && target.Scheme is "http" or "https" && target.PathAndQuery == "/" && target.Host.Length > 0
            ? new Peer(address, target, null, options)
            : throw new ArgumentException($"'{address}' is no address: write http://host:port, https://host:port, host:port or unix:///path.");
    }

    public void Dispose() => Http.Dispose();

    private static async ValueTask<Stream> ConnectUnixAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
