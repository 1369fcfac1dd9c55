using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace OrleansFlow.Rpc.Client;

/// <summary>
/// A call with two streams. One task may write while another reads; neither from two tasks at once. Disposing it before its end gives the call up,
/// here and at the server.
/// </summary>
/// <typeparam name="TRequest">The message of requests.</typeparam>
/// <typeparam name="TResponse">The message of responses.</typeparam>
public sealed class RpcDuplexCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly RpcMethod<TRequest, TResponse> _method;
    private readonly CallScope _scope;
    private readonly CancellationTokenSource _given = new();
    private readonly CancellationTokenSource _linked;
    private readonly Task<ResponseReader> _reader;
    private readonly OpenBody _body = new();
    private bool _ended;

    internal RpcDuplexCall(RpcChannel channel, RpcMethod<TRequest, TResponse> method, RpcCallOptions? options, CancellationToken caller)
    {
        _method = method;
        _linked = CancellationTokenSource.CreateLinkedTokenSource(caller, _given.Token);
        _scope = new CallScope(channel, method, options, _linked.Token);
        _reader = OpenAsync(channel);
    }

    /// <summary>Sends a request; completes when the server has room for it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellation">Gives up waiting, and with it the call.</param>
    /// <exception cref="RpcException">The call has failed.</exception>
    public async Task WriteAsync(TRequest request, CancellationToken cancellation = default)
    {
        var stream = await _body.Stream.WaitAsync(cancellation);
        try
        {
            using var frame = MessageContent.Frame(request, _scope.Compress);
            await stream.WriteAsync(frame.Written, cancellation);
            await stream.FlushAsync(cancellation);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw _scope.Explain(error, _reader.IsCompletedSuccessfully ? (await _reader).Address : "The server");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // the response knows better why: a status, a reset, a broken connection
            await _reader.WaitAsync(cancellation);
            throw new RpcException(RpcCode.Unavailable, "The server takes no more requests: the responses say how the call ended.", inner: error);
        }
    }

    /// <summary>Says that no more requests come.</summary>
    public void Complete() => _body.Complete();

    /// <summary>The responses, to the end; to be read once.</summary>
    /// <param name="cancellation">Ends the reading, and with it the call.</param>
    /// <exception cref="RpcException">The call failed.</exception>
    public async IAsyncEnumerable<TResponse> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var registration = cancellation.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _given);
        var reader = await _reader;
        while (true)
        {
            TResponse? message;
            try
            {
                message = await reader.NextAsync(_method.ResponseParser, _scope.Token);
            }
            catch (Exception error)
            {
                var explained = _scope.Explain(error, reader.Address);
                End(explained);
                throw explained;
            }

            if (message is null) break;
            yield return message;
        }

        End(null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_ended) await _given.CancelAsync();
        try
        {
            (await _reader).Dispose();
        }
        catch (Exception)
        {
            // whoever reads was told
        }

        End(new OperationCanceledException());
        _scope.Dispose();
        _linked.Dispose();
        _given.Dispose();
    }

    private async Task<ResponseReader> OpenAsync(RpcChannel channel)
    {
        try
        {
            return await channel.OpenAsync(_scope, () => new OpenContent(_body));
        }
        catch (Exception error)
        {
            _body.Fail(error);
            throw;
        }
    }

    private void End(Exception? error)
    {
        _ended = true;
        _scope.Finish(error);
    }
}
