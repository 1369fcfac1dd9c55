using System.Net;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>Runs calls: their deadlines, interceptors, and how they end. Thread-safe.</summary>
internal sealed partial class RpcServer
{
    private readonly RpcServerOptions _options;
    private readonly ServerLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly ReaderPatience _patience;
    private readonly MessageCodec _json;
    private int _active;

    public RpcServer(RpcServerOptions options, IEnumerable<RpcService> services, ILogger logger, CancellationToken stopping)
    {
        _options = options;
        _logger = logger;
        _patience = new ReaderPatience(options.ReaderPatience, options.Time);
        _lifetime = new ServerLifetime(options.DrainLimit, options.Time, stopping);
        _json = MessageCodec.Json(TypeRegistry.FromFiles(services.Select(service => service.Descriptor.File)), options.IgnoreUnknownJsonFields);
    }

    /// <summary>Calls in progress.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>What serves one method.</summary>
    public RequestDelegate Serve(MethodHandler handler)
    {
        RpcHandler pipeline = handler.InvokeAsync;
        foreach (var interceptor in _options.Interceptors.Reverse())
        {
            var next = pipeline;
            pipeline = context => interceptor.InvokeAsync(context, next);
        }

        return http => ServeAsync(http, handler.Method, pipeline);
    }

    /// <summary>Answers a call of a method that is not there, in the caller's protocol.</summary>
    public async Task RefuseAsync(HttpContext http, RpcKind kind, string message)
    {
        var exchange = Negotiation.Choose(http, kind, mayGet: false, _json, _options.MaxReceiveMessageSize, _patience, out var refusal);
        if (exchange is null) await refusal!.WriteAsync(http);
        else await FinishAsync(exchange, http.Request.Path.Value ?? "", null, new RpcException(RpcCode.Unimplemented, message), null);
    }

    private async Task ServeAsync(HttpContext http, RpcMethod method, RpcHandler pipeline)
    {
        var mayGet = method is { HasNoSideEffects: true, Kind: RpcKind.Unary };
        var exchange = Negotiation.Choose(http, method.Kind, mayGet, _json, _options.MaxReceiveMessageSize, _patience, out var refusal);
        if (exchange is null)
        {
            await refusal!.WriteAsync(http);
            return;
        }

        Interlocked.Increment(ref _active);
        try
        {
            await RunAsync(exchange, method, pipeline);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    private async Task RunAsync(Exchange exchange, RpcMethod method, RpcHandler pipeline)
    {
        try
        {
            exchange.Open();
        }
        catch (RpcException error)
        {
            await FinishAsync(exchange, method.Path, method, error, null);
            return;
        }

        using var lifetime = new CallLifetime(exchange.Timeout, LimitOf(exchange, method), _options.Time, _lifetime, exchange.Http.RequestAborted);
        var context = new RpcContext(method, exchange, lifetime, _options.CompressResponses) { Inspect = _options.Inspect };
        var failure = lifetime.Reason();
        try
        {
            if (failure is null) await pipeline(context);
        }
        catch (Exception error)
        {
            failure = Explain(error, context, lifetime);
        }

        if (!lifetime.CallerIsGone) await FinishAsync(exchange, method.Path, method, failure, context);
    }

    // A stream is as long as its caller likes; what is asked once is answered once, or it hangs.
    private TimeSpan? LimitOf(Exchange exchange, RpcMethod method)
    {
        if (method.Kind != RpcKind.Unary) return null;
        var most = Finite(_options.MaxUnaryTimeout);
        if (exchange.Timeout is not null) return most;
        var standard = Finite(_options.UnaryTimeout);
        return standard is null || most < standard ? most : standard;
    }

    private static TimeSpan? Finite(TimeSpan limit) => limit == Timeout.InfiniteTimeSpan ? null : limit;

    private RpcException Explain(Exception error, RpcContext context, CallLifetime lifetime)
    {
        if (error is RpcException deliberate) return deliberate;
        if (lifetime.CallerIsGone || IsLoss(error))
        {
            return new RpcException(RpcCode.Cancelled, "The caller is gone.");
        }

        if (error is OperationCanceledException && lifetime.Reason() is { } reason) return reason;
        if (error is BadHttpRequestException bad)
        {
            var code = (HttpStatusCode)bad.StatusCode switch
            {
                HttpStatusCode.RequestEntityTooLarge => RpcCode.ResourceExhausted,
                HttpStatusCode.RequestTimeout => RpcCode.DeadlineExceeded,
                _ => RpcCode.Internal,
            };
            return new RpcException(code, $"The body of the request could not be read: {bad.Message}");
        }

        LogFailed(error, context.Method.Path, context.Http.TraceIdentifier);
        return new RpcException(RpcCode.Internal, $"{context.Method.Path} failed. The server's log says why, under {context.Http.TraceIdentifier}.")
        {
            Incident = context.Http.TraceIdentifier,
        };
    }

    private async Task FinishAsync(Exchange exchange, string path, RpcMethod? method, RpcException? failure, RpcContext? context)
    {
        if (failure is not null && _options.Tell is { } tell)
            failure = tell(failure, new RpcFailure(path, method, exchange.Codec != MessageCodec.Proto));
        try
        {
            await exchange.FinishAsync(failure, context);
        }
        catch (Exception error) when (exchange.Http.RequestAborted.IsCancellationRequested || IsLoss(error))
        {
            LogUnheard(path);
        }
    }

    /// <summary>Whether the connection is lost, of which the token may not have heard yet.</summary>
    private static bool IsLoss(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is ConnectionResetException or ConnectionAbortedException) return true;
        }

        return false;
    }
}
