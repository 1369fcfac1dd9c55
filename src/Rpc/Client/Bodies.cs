using System.Net;
using Google.Protobuf;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Client;

/// <summary>What every request's body has in common.</summary>
internal abstract class RpcContent : HttpContent
{
    protected RpcContent() => Headers.TryAddWithoutValidation("Content-Type", "application/grpc");

    /// <summary>Whether some of a stream that cannot be repeated was taken.</summary>
    public virtual bool IsConsumed => false;

    /// <summary>What the caller's own stream threw.</summary>
    public virtual Exception? SourceError => null;

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>One message, written ahead so that it can be sent again.</summary>
internal sealed class MessageContent : RpcContent
{
    private readonly ReadOnlyMemory<byte> _frame;

    public MessageContent(ReadOnlyMemory<byte> frame) => _frame = frame;

    /// <summary>The bytes to send for a message.</summary>
    public static PooledBuffer Frame(IMessage message, bool compress)
    {
        var buffer = new PooledBuffer();
        FrameWriter.Write(buffer, message, MessageCodec.Proto, compress);
        return buffer;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(_frame, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = _frame.Length;
        return true;
    }
}

/// <summary>A caller's stream of messages, taken as fast as the server takes them.</summary>
internal sealed class StreamContent<T>(IAsyncEnumerable<T> messages, bool compress) : RpcContent
    where T : class, IMessage<T>
{
    private bool _consumed;
    private Exception? _sourceError;

    public override bool IsConsumed => _consumed;

    public override Exception? SourceError => _sourceError;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _consumed = true;
        await using var source = messages.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(source, cancellationToken))
        {
            using var frame = MessageContent.Frame(source.Current, compress);
            await stream.WriteAsync(frame.Written, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<T> source, CancellationToken cancellation)
    {
        try
        {
            return await source.MoveNextAsync();
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            _sourceError = error;
            throw;
        }
    }
}

/// <summary>A body that is written from outside, message by message.</summary>
internal sealed class OpenBody
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where to write, as soon as there is a connection.</summary>
    public Task<Stream> Stream => _stream.Task;

    /// <summary>Done when nothing more is to be written.</summary>
    public Task Completed => _completed.Task;

    public void Begin(Stream stream) => _stream.TrySetResult(stream);

    public void Complete() => _completed.TrySetResult();

    /// <summary>There is no connection and will be none.</summary>
    public void Fail(Exception error)
    {
        _stream.TrySetException(error);
        // it may be that nobody writes
        _ = _stream.Task.Exception;
        _completed.TrySetResult();
    }
}

/// <summary>An open body in one attempt.</summary>
internal sealed class OpenContent(OpenBody body) : RpcContent
{
    private bool _consumed;

    public override bool IsConsumed => _consumed;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _consumed = true;
        body.Begin(stream);
        return body.Completed.WaitAsync(cancellationToken);
    }
}
