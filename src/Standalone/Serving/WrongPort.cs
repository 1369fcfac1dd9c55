using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace OrleansFlow.Standalone.Serving;

/// <summary>
/// Answers those who come to the wrong one of the two ports, each in the protocol that he speaks, and says where the right one is. Without TLS
/// the first bytes of a connection are all that tells; they are only looked at. Thread-safe.
/// </summary>
/// <param name="time">Measures how long a connection may be silent at first.</param>
internal sealed class WrongPort(TimeProvider time)
{
    private static readonly byte[] s_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    /// <summary>Where the server listens; null while it starts.</summary>
    public LiveServer? Live { get; set; }

    /// <summary>For the port of gRPC: HTTP/1.1 is answered here; what is neither that nor HTTP/2 is closed.</summary>
    public ConnectionDelegate OfGrpc(ConnectionDelegate next) => connection => ServeAsync(connection, isForUs: preface => preface != true, AnswerHttp1Async, next);

    /// <summary>For the port of JSON: HTTP/2 is answered here.</summary>
    public ConnectionDelegate OfJson(ConnectionDelegate next) => connection => ServeAsync(connection, isForUs: preface => preface == true, AnswerHttp2Async, next);

    private async Task ServeAsync(ConnectionContext connection, Func<bool?, bool> isForUs, Func<ConnectionContext, CancellationToken, Task> answer, ConnectionDelegate next)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.ConnectionClosed);
        try
        {
            var preface = await BeginsWithPrefaceAsync(connection.Transport.Input, both.Token);
            if (isForUs(preface))
            {
                if (preface is not null) await answer(connection, both.Token);
                return;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // nobody there, or nobody any more
            return;
        }

        await next(connection);
    }

    /// <summary>Whether it is HTTP/2; null when it is neither that nor HTTP/1.1.</summary>
    private static async Task<bool?> BeginsWithPrefaceAsync(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var known = Judge(read.Buffer, out var preface);
            // what was only looked at comes again with the next read
            input.AdvanceTo(read.Buffer.Start, known || read.IsCompleted ? read.Buffer.Start : read.Buffer.End);
            if (known) return preface;
            if (read.IsCompleted) return null;
        }
    }

    private static bool Judge(in ReadOnlySequence<byte> bytes, out bool? preface)
    {
        Span<byte> begin = stackalloc byte[s_preface.Length];
        var length = (int)Math.Min(bytes.Length, begin.Length);
        bytes.Slice(0, length).CopyTo(begin);
        begin = begin[..length];
        preface = begin.SequenceEqual(s_preface) ? true : IsMethod(begin) ? false : null;
        return preface is not null || !s_preface.AsSpan().StartsWith(begin);
    }

    // "GET ", "OPTIONS ": capitals, then a blank; that of the preface is no method of anybody's.
    private static bool IsMethod(ReadOnlySpan<byte> begin)
    {
        var blank = begin.IndexOf((byte)' ');
        return blank > 0 && !begin.StartsWith("PRI "u8) && !begin[..blank].ContainsAnyExceptInRange((byte)'A', (byte)'Z');
    }

    private async Task AnswerHttp1Async(ConnectionContext connection, CancellationToken cancellation)
    {
        var text = $"This port speaks gRPC, which is HTTP/2 (without TLS: by prior knowledge); this request came by HTTP/1.1. The same methods as JSON over HTTP/1.1 are at {Live?.Http ?? "the server's other port"}.\n";
        var answer = $"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\nConnection: close\r\n\r\n{text}";
        await connection.Transport.Output.WriteAsync(Encoding.UTF8.GetBytes(answer), cancellation);
        await LeaveAsync(connection, cancellation);
    }

    private async Task AnswerHttp2Async(ConnectionContext connection, CancellationToken cancellation)
    {
        var text = $"This port speaks JSON over HTTP/1.1; gRPC is at {Live?.Grpc ?? "the server's other port"}.";
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        await output.WriteAsync(Http2Refusal.Settings, cancellation);
        var at = (long)s_preface.Length;
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var rest = read.Buffer.Slice(Math.Min(at, read.Buffer.Length));
            at = 0;
            while (Http2Refusal.TryTake(ref rest, out var kind, out var stream))
            {
                if (kind == Http2Refusal.SettingsFrame) await output.WriteAsync(Http2Refusal.SettingsAck, cancellation);
                if (kind != Http2Refusal.HeadersFrame) continue;
                await output.WriteAsync(Http2Refusal.Unimplemented(stream, text), cancellation);
                await LeaveAsync(connection, cancellation, rest.Start);
                return;
            }

            input.AdvanceTo(rest.Start, read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    // What is still on its way is taken, for a while: a connection that is closed over it would be reset, and the answer lost.
    private async Task LeaveAsync(ConnectionContext connection, CancellationToken cancellation, SequencePosition? taken = null)
    {
        using var farewell = new CancellationTokenSource(s_farewell, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(farewell.Token, cancellation);
        if (taken is { } place) connection.Transport.Input.AdvanceTo(place);
        await connection.Transport.Output.CompleteAsync();
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(both.Token);
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }
}
