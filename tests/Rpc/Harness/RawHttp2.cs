using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace OrleansFlow.Tests.Rpc.Harness;

/// <summary>HTTP/2 by hand, for what no decent client sends.</summary>
internal static class RawHttp2
{
    public const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private static readonly byte[] s_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    public static byte[] Preface(params (ushort Setting, uint Value)[] settings)
    {
        var body = new byte[settings.Length * 6];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(i * 6), settings[i].Setting);
            BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(i * 6 + 2), settings[i].Value);
        }

        return [.. s_preface, .. Frame(4, 0, 0, body)];
    }

    /// <summary>Headers of a call.</summary>
    public static byte[] Call(int stream, string path, params (string Name, string Value)[] more)
    {
        (string, string)[] all =
        [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("te", "trailers"),
            ("content-type", "application/grpc"), .. more,
        ];
        return Frame(1, EndHeaders, stream, [.. all.SelectMany(header => Literal(header.Item1, header.Item2))]);
    }

    public static byte[] Data(int stream, byte[] body, bool end) => Frame(0, end ? EndStream : (byte)0, stream, body);

    public static byte[] Reset(int stream, uint code)
    {
        var body = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(body, code);
        return Frame(3, 0, stream, body);
    }

    public static byte[] Frame(byte type, byte flags, int stream, byte[] body)
    {
        var frame = new byte[9 + body.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)body.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        body.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>Lets the other side send so many bytes more: on a stream, or on the connection (0).</summary>
    public static byte[] Window(int stream, int more)
    {
        var body = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(body, more);
        return Frame(8, 0, stream, body);
    }

    /// <summary>Takes what comes, without ever opening a window, until a stream is reset; with which code.</summary>
    public static async Task<uint> ResetOfAsync(Socket socket, int stream)
    {
        while (true)
        {
            var (type, _, of, body) = await ReadFrameAsync(socket);
            if (type == 3 && of == stream) return BinaryPrimitives.ReadUInt32BigEndian(body);
        }
    }

    /// <summary>The next frame.</summary>
    public static async Task<(byte Type, byte Flags, int Stream, byte[] Body)> ReadFrameAsync(Socket socket)
    {
        var head = await ReadAsync(socket, 9);
        var length = head[0] << 16 | head[1] << 8 | head[2];
        return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, await ReadAsync(socket, length));
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
        {
            var read = await socket.ReceiveAsync(bytes.AsMemory(have));
            if (read == 0) throw new EndOfStreamException("the connection was closed");
            have += read;
        }

        return bytes;
    }

    public static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>A header field that neither side remembers, without compression.</summary>
    private static byte[] Literal(string name, string value) => [0, .. Text(name), .. Text(value)];

    private static byte[] Text(string text) => [(byte)Math.Min(text.Length, 126), .. Encoding.Latin1.GetBytes(text).Take(126)];
}
