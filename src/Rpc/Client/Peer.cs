using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace OrleansFlow.Rpc.Client;

/// <summary>One address of a server, with its connections.</summary>
internal sealed class Peer : IDisposable
{
    public Peer(RpcAddress address, RpcChannelOptions options)
    {
        Address = address.ToString();
        Target = address.Target;
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
        if (address.Socket is { } socket) handler.ConnectCallback = (_, cancellation) => ConnectUnixAsync(socket, cancellation);
        Http = new HttpMessageInvoker(handler);
    }

    /// <summary>As the user wrote it.</summary>
    public string Address { get; }

    public Uri Target { get; }

    public HttpMessageInvoker Http { get; }

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
