using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace OrleansFlow.Rpc.Server;

/// <summary>The headers that both forms of the Connect protocol share.</summary>
internal static class ConnectHeaders
{
    /// <summary>How long the caller waits; null when he does not say.</summary>
    /// <exception cref="RpcException">A header is wrong.</exception>
    public static TimeSpan? Open(HttpRequest request)
    {
        string? version = request.Headers["connect-protocol-version"];
        if (version is not (null or "1"))
        {
            throw new RpcException(RpcCode.InvalidArgument, $"The header connect-protocol-version is '{version}'; this server speaks version 1.");
        }

        string? timeout = request.Headers["connect-timeout-ms"];
        if (timeout is null) return null;
        return timeout.Length <= 10 && long.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw new RpcException(RpcCode.InvalidArgument, "The header connect-timeout-ms is no timeout: up to ten digits, in milliseconds.");
    }
}
