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
        if (address.EndPoint is { } place) handler.ConnectCallback = (_, cancellation) => ConnectAsync(place, cancellation);
        Http = new HttpMessageInvoker(handler);
    }

    /// <summary>As the user wrote it.</summary>
    public string Address { get; }

    public Uri Target { get; }

    public HttpMessageInvoker Http { get; }

    public void Dispose() => Http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(EndPoint place, CancellationToken cancellation)
    {
        var socket = new Socket(place.AddressFamily, SocketType.Stream, place is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (place is IPEndPoint) socket.NoDelay = true;
            await socket.ConnectAsync(place, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
