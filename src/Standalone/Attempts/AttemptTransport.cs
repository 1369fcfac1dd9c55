using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace OrleansFlow.Standalone.Attempts;

/// <summary>
/// Hands connections that were accepted elsewhere to one Kestrel: to one of two endpoints, since without TLS none can speak both HTTP/1.1 and
/// HTTP/2. Thread-safe.
/// </summary>
internal sealed class AttemptTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The endpoint of HTTP/1.1.</summary>
    public Place Http1 { get; } = new("http1");

    /// <summary>The endpoint of HTTP/2 without TLS.</summary>
    public Place Http2 { get; } = new("http2");

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint is Place;

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener((Place)endpoint));

    /// <summary>Hands a connection over, when its first bytes say what it speaks.</summary>
    /// <returns>False: it ended before, or said nothing for too long.</returns>
    public async Task<bool> HandAsync(ConnectionContext connection, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            if (await SpeaksHttp2Async(connection, patience.Token) is not { } http2) return false;
            return (http2 ? Http2 : Http1).Connections.Writer.TryWrite(connection);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    /// <summary>Whether it begins as HTTP/2 does: with a method that HTTP/1.1 does not have. Null: it ends before.</summary>
    private static async Task<bool?> SpeaksHttp2Async(ConnectionContext connection, CancellationToken cancellation)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var start = read.Buffer.Start;
            var answer = Judge(read.Buffer.FirstSpan);
            if (answer is null) input.AdvanceTo(start, read.Buffer.End);
            else input.AdvanceTo(start);
            if (answer is not null) return answer;
            if (read.IsCompleted) return null;
        }
    }

    private static bool? Judge(ReadOnlySpan<byte> first)
    {
        var preface = "PRI "u8;
        var length = Math.Min(first.Length, preface.Length);
        if (!first[..length].SequenceEqual(preface[..length])) return false;
        return length == preface.Length ? true : null;
    }

    /// <summary>Where connections wait to be taken.</summary>
    internal sealed class Place(string name) : EndPoint
    {
        public Channel<ConnectionContext> Connections { get; } = Channel.CreateUnbounded<ConnectionContext>();

        public override string ToString() => name;
    }

    private sealed class Listener(Place place) : IConnectionListener
    {
        public EndPoint EndPoint => place;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await place.Connections.Reader.WaitToReadAsync(cancellationToken) && place.Connections.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            place.Connections.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
