using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace OrleansFlow.Rpc.Server;

/// <summary>A method with the code behind it.</summary>
internal abstract class MethodHandler(RpcMethod method)
{
    public RpcMethod Method { get; } = method;

    /// <summary>Reads what the caller sends and writes the responses; the status is not its business.</summary>
    public abstract Task InvokeAsync(RpcContext context);
}

internal sealed class UnaryHandler<TRequest, TResponse>(
    RpcMethod<TRequest, TResponse> method, Func<TRequest, RpcContext, Task<TResponse>> handle) : MethodHandler(method)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override async Task InvokeAsync(RpcContext context)
    {
        var request = await context.Exchange.ReadOneAsync(method.RequestParser, context.Cancellation);
        context.Inspect?.Invoke(request);
        await context.Exchange.WriteAsync(await handle(request, context), context);
    }
}

internal sealed class ServerStreamingHandler<TRequest, TResponse>(
    RpcMethod<TRequest, TResponse> method, Func<TRequest, RpcContext, IAsyncEnumerable<TResponse>> handle) : MethodHandler(method)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override async Task InvokeAsync(RpcContext context)
    {
        var request = await context.Exchange.ReadOneAsync(method.RequestParser, context.Cancellation);
        context.Inspect?.Invoke(request);
        await MessageStream.WriteAllAsync(handle(request, context), context);
    }
}

internal sealed class ClientStreamingHandler<TRequest, TResponse>(
    RpcMethod<TRequest, TResponse> method, Func<IAsyncEnumerable<TRequest>, RpcContext, Task<TResponse>> handle) : MethodHandler(method)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override async Task InvokeAsync(RpcContext context)
    {
        var requests = MessageStream.ReadAllAsync(context, method.RequestParser);
        await context.Exchange.WriteAsync(await handle(requests, context), context);
    }
}

internal sealed class DuplexHandler<TRequest, TResponse>(
    RpcMethod<TRequest, TResponse> method, Func<IAsyncEnumerable<TRequest>, RpcContext, IAsyncEnumerable<TResponse>> handle) : MethodHandler(method)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public override Task InvokeAsync(RpcContext context) =>
        MessageStream.WriteAllAsync(handle(MessageStream.ReadAllAsync(context, method.RequestParser), context), context);
}

/// <summary>Streams of messages on a call.</summary>
internal static class MessageStream
{
    public static async IAsyncEnumerable<T> ReadAllAsync<T>(
        RpcContext context, MessageParser<T> parser, [EnumeratorCancellation] CancellationToken cancellation = default)
        where T : class, IMessage<T>
    {
        // the call's own token always counts; another one only where the handler gave one
        using var both = cancellation.CanBeCanceled && cancellation != context.Cancellation
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellation, context.Cancellation)
            : null;
        var token = both?.Token ?? context.Cancellation;
        while (await context.Exchange.ReadNextAsync(parser, token) is { } message)
        {
            context.Inspect?.Invoke(message);
            yield return message;
        }
    }

    /// <summary>Messages that are ready together go out together; nothing waits for a message that is not.</summary>
    public static async Task WriteAllAsync<T>(IAsyncEnumerable<T> messages, RpcContext context)
        where T : class, IMessage<T>
    {
        await using var source = messages.GetAsyncEnumerator(context.Cancellation);
        while (true)
        {
            var next = source.MoveNextAsync();
            var more = next.IsCompleted ? await next : await FlushWhileWaitingAsync(next.AsTask(), context);
            if (!more) return;
            await context.Exchange.WriteAsync(source.Current, context);
        }
    }

    private static async Task<bool> FlushWhileWaitingAsync(Task<bool> next, RpcContext context)
    {
        try
        {
            await context.Exchange.FlushAsync(context.Cancellation);
        }
        catch
        {
            // a source that is still moving cannot be disposed; the call is cancelled, so it ends soon
            try
            {
                await next;
            }
            catch (Exception)
            {
                // the caller is gone or late: that is what is reported
            }

            throw;
        }

        return await next;
    }
}
