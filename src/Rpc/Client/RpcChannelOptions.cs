using System.Net.Security;

namespace OrleansFlow.Rpc.Client;

/// <summary>How a channel connects, repeats and limits. Checked when the channel is made.</summary>
public sealed class RpcChannelOptions
{
    /// <summary>The largest response message, packed or unpacked, in bytes. Larger ones are RESOURCE_EXHAUSTED. Default: 4 MiB.</summary>
    public int MaxReceiveMessageSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Whether requests are packed with gzip; a call may decide otherwise. Default: no.</summary>
    public bool CompressRequests { get; init; }

    /// <summary>How long a connection may take to be made. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how much silence a connection with calls on it is pinged. Default: 30 s.</summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a ping may take before its connection counts as dead. Default: 20 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How often a call is tried at most. It is tried again only where the server cannot have begun it, or where it is idempotent. Default: 5.
    /// </summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>How long an address rests after its first failure; twice as long after each further one. Default: 100 ms.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an address rests at most. Default: 5 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Asked before each call for the bearer token to send; null where a call goes without one. It goes over TLS, a Unix socket or loopback, elsewhere
    /// only with <see cref="AllowTokenWithoutTls"/>. Default: no token.
    /// </summary>
    public Func<CancellationToken, ValueTask<string?>>? BearerToken { get; init; }

    /// <summary>Whether the token may cross a network in clear text, for networks that are protected by other means. Default: no.</summary>
    public bool AllowTokenWithoutTls { get; init; }

    /// <summary>Certificates and their check for https addresses. Default: the system's.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>What sees every call begin and end. Default: none.</summary>
    public IReadOnlyList<IRpcClientInterceptor> Interceptors { get; init; } = [];

    /// <summary>The time of deadlines and backoff. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Numbers from 0 to 1 for the jitter of backoff. Default: the system's.</summary>
    public Func<double> Chance { get; init; } = Random.Shared.NextDouble;

    internal IEnumerable<string> Problems()
    {
        if (MaxReceiveMessageSize <= 0) yield return $"{nameof(MaxReceiveMessageSize)} is {MaxReceiveMessageSize}: it must be positive.";
        if (MaxAttempts <= 0) yield return $"{nameof(MaxAttempts)} is {MaxAttempts}: it must be positive.";
        if (ConnectTimeout <= TimeSpan.Zero) yield return $"{nameof(ConnectTimeout)} is {ConnectTimeout}: it must be positive.";
        if (InitialBackoff <= TimeSpan.Zero) yield return $"{nameof(InitialBackoff)} is {InitialBackoff}: it must be positive.";
        if (MaxBackoff < InitialBackoff) yield return $"{nameof(MaxBackoff)} is {MaxBackoff}: it must not be less than {nameof(InitialBackoff)}.";
        if (KeepAliveDelay < TimeSpan.FromSeconds(1)) yield return $"{nameof(KeepAliveDelay)} is {KeepAliveDelay}: it must be at least 1 s.";
        if (KeepAliveTimeout < TimeSpan.FromSeconds(1)) yield return $"{nameof(KeepAliveTimeout)} is {KeepAliveTimeout}: it must be at least 1 s.";
    }
}
