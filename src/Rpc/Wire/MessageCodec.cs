using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OrleansFlow.Rpc.Wire;

/// <summary>How messages are written: binary or JSON.</summary>
internal abstract class MessageCodec
{
    private const int DeepestJson = 64;

    public static MessageCodec Proto { get; } = new ProtoCodec();

    /// <summary>The part of content types that names it.</summary>
    public abstract string Name { get; }

    /// <exception cref="InvalidProtocolBufferException">The bytes are no such message.</exception>
    public abstract T Parse<T>(in ReadOnlySequence<byte> bytes, MessageParser<T> parser) where T : IMessage<T>;

    public abstract void Write(IMessage message, IBufferWriter<byte> target);

    public static MessageCodec Json(TypeRegistry types, bool ignoreUnknownFields) => new JsonCodec(types, ignoreUnknownFields);

    private sealed class ProtoCodec : MessageCodec
    {
        public override string Name => "proto";

        public override T Parse<T>(in ReadOnlySequence<byte> bytes, MessageParser<T> parser) =>
            bytes.IsSingleSegment ? parser.ParseFrom(bytes.FirstSpan) : parser.ParseFrom(bytes);

        public override void Write(IMessage message, IBufferWriter<byte> target) => message.WriteTo(target);
    }

    /// <summary>
    /// Lists of lists of <c>google.protobuf.Value</c> are read recursively, and the parser's own limit does not count them: an endless one
    /// would end the process.
    /// </summary>
    private static void RequireShallow(in ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DeepestJson });
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            throw new UnreadableJsonException(error.Message);
        }
    }

    private sealed class JsonCodec(TypeRegistry types, bool ignoreUnknownFields) : MessageCodec
    {
        private readonly JsonFormatter _formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(types));
        private readonly JsonParser _parser = new(new JsonParser.Settings(100, types).WithIgnoreUnknownFields(ignoreUnknownFields));

        public override string Name => "json";

        public override T Parse<T>(in ReadOnlySequence<byte> bytes, MessageParser<T> parser)
        {
            // an empty body is an empty message: so that a method without arguments needs none
            if (bytes.IsEmpty) return parser.ParseFrom([]);
            RequireShallow(bytes);
            try
            {
                return (T)_parser.Parse(Encoding.UTF8.GetString(bytes), parser.ParseFrom([]).Descriptor);
            }
            catch (Exception error) when (error is InvalidOperationException or FormatException or OverflowException or ArgumentException)
            {
                throw new UnreadableJsonException(error.Message);
            }
        }

        public override void Write(IMessage message, IBufferWriter<byte> target) =>
            Encoding.UTF8.GetBytes(_formatter.Format(message), target);
    }
}

/// <summary>The text is no JSON of the message, for a reason that the parser does not report as its own.</summary>
internal sealed class UnreadableJsonException(string message) : IOException(message);
