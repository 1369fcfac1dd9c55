using System.Buffers;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Tests.Rpc.Wire;

/// <summary>Messages are read recursively: what is nested without end is refused before the stack is full.</summary>
public sealed class DepthTests
{
    private const int Endless = 100_000;
    private static readonly MessageCodec s_json = MessageCodec.Json(TypeRegistry.Empty, ignoreUnknownFields: false);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    [InlineData("[{\"a\":", "}]")]
    [InlineData("[", "")]
    public void EndlessJson_IsRefused(string open, string close)
    {
        var json = $"{{\"a\":{Repeat(open, Endless)}1{Repeat(close, Endless)}}}";
        Should.Throw<UnreadableJsonException>(() => s_json.Parse(Bytes(json), Struct.Parser));
    }

    [Fact]
    public void JsonOfACommonDepth_IsRead()
    {
        var json = $"{{\"a\":{Repeat("[", 40)}1{Repeat("]", 40)}}}";
        s_json.Parse(Bytes(json), Struct.Parser).Fields["a"].KindCase.ShouldBe(Value.KindOneofCase.ListValue);
    }

    [Fact]
    public void EndlessBytes_AreRefused()
    {
        var value = Value.ForNumber(1).ToByteArray();
        for (var i = 0; i < 1000; i++) value = Wrap(6, Wrap(1, value));
        Should.Throw<InvalidProtocolBufferException>(() => MessageCodec.Proto.Parse(new ReadOnlySequence<byte>(value), Value.Parser));
    }

    private static byte[] Wrap(int field, byte[] inner)
    {
        using var bytes = new MemoryStream();
        using var output = new CodedOutputStream(bytes);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(inner));
        output.Flush();
        return bytes.ToArray();
    }

    private static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
