using System.Net;

namespace OrleansFlow.Rpc.Client;

/// <summary>What failures below the protocol mean for a call.</summary>
internal static class HttpFailures
{
    /// <summary>The error that ended an attempt. It says whether the server cannot have begun the call.</summary>
    public static RpcException Explain(Exception error, string address)
    {
        if (Find<HttpProtocolException>(error) is { } reset && IsOfTheStream(reset)) return OfReset(reset, address, error);
        return error switch
        {
            RpcException status => status,
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError } =>
                new RpcException(RpcCode.Unavailable, $"{address} cannot be reached: {Innermost(error)}. Is the server running there?", inner: error)
                {
                    WasNotSent = true,
                },
            HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError } =>
                new RpcException(RpcCode.Unavailable, $"{address} does not speak HTTP/2. Is it the port for gRPC?", inner: error) { WasNotSent = true },
            // the time to connect is the handler's own; callers and deadlines are told apart before
            OperationCanceledException =>
                new RpcException(RpcCode.Unavailable, $"{address} could not be connected to in time.", inner: error) { WasNotSent = true },
            HttpRequestException or IOException =>
                new RpcException(RpcCode.Unavailable, $"The connection to {address} broke: {Innermost(error)}.", inner: error) { IsConnectionLost = true },
            _ => new RpcException(RpcCode.Internal, $"The call to {address} failed: {Innermost(error)}.", inner: error),
        };
    }

    /// <summary>The code of a response that is no gRPC.</summary>
    public static RpcCode OfStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => RpcCode.Internal,
        HttpStatusCode.Unauthorized => RpcCode.Unauthenticated,
        HttpStatusCode.Forbidden => RpcCode.PermissionDenied,
        HttpStatusCode.NotFound => RpcCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => RpcCode.Unavailable,
        _ => RpcCode.Unknown,
    };

    // A connection that ends (no answer to a ping, GOAWAY) comes as the same exception with the same codes: only the text tells them apart.
    private static bool IsOfTheStream(HttpProtocolException error) => error.Message.Contains("stream", StringComparison.OrdinalIgnoreCase);

    private static RpcException OfReset(HttpProtocolException reset, string address, Exception error)
    {
        var (code, notSent) = reset.ErrorCode switch
        {
            0x7 => (RpcCode.Unavailable, true),
            0x8 => (RpcCode.Cancelled, false),
            0xb => (RpcCode.ResourceExhausted, false),
            0xc => (RpcCode.PermissionDenied, false),
            _ => (RpcCode.Internal, false),
        };
        var what = reset.ErrorCode == 0xb
            ? $"{address} cut the call off: what it sent was not read for too long, or too much was asked of it (HTTP/2 error {reset.ErrorCode})."
            : $"{address} reset the call (HTTP/2 error {reset.ErrorCode}).";
        return new RpcException(code, what, inner: error)
        {
            WasNotSent = notSent,
            IsCutOff = reset.ErrorCode == 0xb,
            // it closes, or it failed below the protocol
            IsConnectionLost = reset.ErrorCode is 0x0 or 0x2 or 0x7 or 0x8,
        };
    }

    private static T? Find<T>(Exception? error) where T : Exception
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is T found) return found;
        }

        return null;
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error.Message.TrimEnd('.');
    }
}
