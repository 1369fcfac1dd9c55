using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Wire;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Wire;

public class FrameTests
{
    private const int Limit = 100_000;

    [Fact]
    public void EveryMessage_SurvivesTheWay_HoweverTheBytesArrive() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[][]>(), ArbMap.Default.ArbFor<bool>(), Gen.Choose(1, 50).ToArbitrary(), (bodies, packed, piece) =>
        {
            using var buffer = new PooledBuffer();
            foreach (var body in bodies) FrameWriter.Write(buffer, Message(body), MessageCodec.Proto, packed);
            var read = ReadAllAsync(buffer.Written.ToArray(), piece, packed).GetAwaiter().GetResult();
            read.ShouldBe(bodies.Select(Message));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(FrameWriter.SmallestPacked - 1)]
    [InlineData(4090)]
    [InlineData(4091)]
    [InlineData(90_000)]
    public async Task MessagesOfEverySize_AreWritten_PlainAndPacked(int size)
    {
        foreach (var packed in new[] { false, true })
        {
            using var buffer = new PooledBuffer();
            FrameWriter.Write(buffer, Message(new byte[size]), MessageCodec.Proto, packed).ShouldBe(buffer.Length);
            (await ReadAllAsync(buffer.Written.ToArray(), 1000, packed)).ShouldBe([Message(new byte[size])]);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 10, 7 })]
    public async Task AFrameThatIsCutOff_IsInternal_OfALostConnection(byte[] bytes)
    {
        var error = await FailsAsync(bytes);
        (error.Code, error.IsConnectionLost).ShouldBe((RpcCode.Internal, true));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    public async Task UnknownFlags_AreInternal(byte flags) => (await FailsAsync([flags, 0, 0, 0, 0])).Code.ShouldBe(RpcCode.Internal);

    [Fact]
    public async Task AFlagOfCompression_WithoutItsHeader_IsInternal() => (await FailsAsync([1, 0, 0, 0, 0])).Code.ShouldBe(RpcCode.Internal);

    [Fact]
    public async Task WhatIsNoGzip_IsInternal() => (await FailsAsync([1, 0, 0, 0, 3, 1, 2, 3], packed: true)).Code.ShouldBe(RpcCode.Internal);

    [Fact]
    public async Task NothingPacked_IsInternal() => (await FailsAsync([1, 0, 0, 0, 0], packed: true)).Code.ShouldBe(RpcCode.Internal);

    [Fact]
    public async Task WhatIsNoMessage_IsInternal_AndNothingThatTimeMends()
    {
        var error = await FailsAsync([0, 0, 0, 0, 1, 0xFF]);
        (error.Code, error.IsConnectionLost).ShouldBe((RpcCode.Internal, false));
    }

    [Fact]
    public async Task AnAnnouncedLengthOverTheLimit_IsRefused_BeforeItsBytesCome()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF });
        var error = await Should.ThrowAsync<RpcException>(new FrameReader(pipe.Reader, Limit).NextAsync(default).AsTask().InTimeAsync());
        error.Code.ShouldBe(RpcCode.ResourceExhausted);
    }

    [Fact]
    public async Task ABomb_IsDefused()
    {
        using var packed = new PooledBuffer();
        Gzip.Compress(new ReadOnlySequence<byte>(new byte[50_000_000]), packed);
        packed.Length.ShouldBeLessThan(1_000_000);
        var reader = new FrameReader(PipeReader.Create(new ReadOnlySequence<byte>(Frame(1, packed.Written.Span))), int.MaxValue);
        await reader.NextAsync(default);
        var error = Should.Throw<RpcException>(() => FrameReader.Unpack(reader.Payload, Limit));
        error.Code.ShouldBe(RpcCode.ResourceExhausted);
    }

    [Fact]
    public void RandomBytes_AreMessagesOrErrorsOfTheProtocol() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<bool>(), (bytes, packed) =>
        {
            try
            {
                ReadAllAsync([.. new byte[] { 0, 0, 0, 0 }.Take(bytes.Length % 5), .. bytes], 3, packed).GetAwaiter().GetResult();
            }
            catch (RpcException)
            {
                // that is what callers are told
            }
        }).QuickCheckThrowOnFailure();

    private static Payload Message(byte[] body) => new() { Body = ByteString.CopyFrom(body) };

    private static byte[] Frame(byte flags, ReadOnlySpan<byte> payload)
    {
        using var buffer = new PooledBuffer();
        FrameWriter.WriteFrame(buffer, flags, payload);
        return buffer.Written.ToArray();
    }

    private static async Task<RpcException> FailsAsync(byte[] bytes, bool packed = false) =>
        await Should.ThrowAsync<RpcException>(ReadAllAsync(bytes, 1000, packed));

    private static async Task<List<Payload>> ReadAllAsync(byte[] bytes, int piece, bool packed)
    {
        var pipe = new Pipe(new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 0));
        var feeding = FeedAsync();
        var reader = new FrameReader(pipe.Reader, Limit) { MayDecompress = packed };
        var messages = new List<Payload>();
        while (await reader.NextAsync(default)) messages.Add(reader.Parse(MessageCodec.Proto, Payload.Parser));
        await feeding;
        return messages;

        async Task FeedAsync()
        {
            for (var i = 0; i < bytes.Length; i += piece) await pipe.Writer.WriteAsync(bytes.AsMemory(i, Math.Min(piece, bytes.Length - i)));
            await pipe.Writer.CompleteAsync();
        }
    }
}
