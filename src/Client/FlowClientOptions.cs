using OrleansFlow.Client.Calls;
using OrleansFlow.Client.Errors;
using OrleansFlow.Rpc.Client;

namespace OrleansFlow.Client;

/// <summary>Where a <see cref="FlowClient"/> calls, who it is, and how patient it is. Checked when the client is made.</summary>
public sealed class FlowClientOptions
{
    /// <summary>
    /// The servers: <c>http://host:port</c>, <c>https://host:port</c>, <c>host:port</c> or <c>unix:///path</c>. Of several the client
    /// stays with the one that works. At least one.
    /// </summary>
    public IList<string> Addresses { get; private set; } = [];

    /// <summary>
    /// Asked for the servers again when a stream has lost them, for servers that come back at other addresses; an empty answer changes
    /// nothing, and what it throws ends the stream.
    /// Default: nobody, the servers stay where they are.
    /// </summary>
    public Func<IReadOnlyList<string>>? FindAddresses { get; set; }

    /// <summary>The bearer token to send. Default: none. Not together with <see cref="TokenFile"/>.</summary>
    public string? Token { get; set; }

    /// <summary>A file that holds the bearer token; read again when it changes. Default: none.</summary>
    public string? TokenFile { get; set; }

    /// <summary>Whether the token may cross a network in clear text, for networks that are protected by other means. Default: no.</summary>
    public bool AllowTokenWithoutTls { get; set; }

    /// <summary>How long one call may take with all its attempts; streams are not limited by it. Default: 30 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call is tried at most. Default: 5.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>The wait after a first failure; twice as long after each further one. Default: 100 ms.</summary>
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The greatest wait between attempts. Default: 5 s.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a stream tries to come back after it lost its server, before it fails; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>:
    /// for ever. A client that never reached a server fails at once, since its address may be wrong. Default: 10 min.
    /// </summary>
    public TimeSpan ReconnectLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The largest response, in bytes. Default: 32 MiB.</summary>
    public int MaxReceiveMessageSize { get; set; } = 32 * 1024 * 1024;

    /// <summary>Told when a stream has lost its server and begins to come back; once for each outage. What it throws is ignored. Default: nobody.</summary>
    public Action<FlowException>? OnLost { get; set; }

    /// <summary>Told when that stream goes on. What it throws is ignored. Default: nobody.</summary>
    public Action? OnRestored { get; set; }

    /// <summary>The time of deadlines and waits. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Numbers from 0 to 1 for the jitter of waits. Default: the system's.</summary>
    public Func<double> Chance { get; set; } = Random.Shared.NextDouble;

    /// <summary>Makes the ids of commands that are given none: one for each call, kept over its retries. Default: random UUIDs.</summary>
    public Func<string> NewRequestId { get; set; } = static () => Guid.NewGuid().ToString();

    /// <summary>Adds what is wrong with these options, and with what the connections are made of.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Addresses.Count == 0) yield return $"{nameof(Addresses)} is empty: name at least one server, such as 127.0.0.1:8233.";
        if (Token is not null && TokenFile is not null) yield return $"{nameof(Token)} and {nameof(TokenFile)} are both given: keep one of them.";
        if (Token is not null && Token.AsSpan().ContainsAnyExceptInRange('!', '~')) yield return $"{nameof(Token)} has characters other than printable ASCII.";
        if (Timeout <= TimeSpan.Zero) yield return $"{nameof(Timeout)} is {Timeout}: it must be positive.";
        if (ReconnectLimit < TimeSpan.Zero && ReconnectLimit != System.Threading.Timeout.InfiniteTimeSpan)
            yield return $"{nameof(ReconnectLimit)} is {ReconnectLimit}: it must be zero or more, or infinite.";
        if (Addresses.Count == 0) yield break;
        foreach (var problem in RpcChannel.Problems(Addresses, Channel())) yield return problem;
    }

    /// <summary>A copy that stays as it is; options that are changed later change nothing.</summary>
    /// <exception cref="ArgumentException">Something is wrong; the message names all that is.</exception>
    internal FlowClientOptions Checked()
    {
        if (Problems().ToList() is { Count: > 0 } problems)
            throw new ArgumentException("The client cannot be made:" + string.Concat(problems.Select(problem => "\n  " + problem)));
        var copy = (FlowClientOptions)MemberwiseClone();
        copy.Addresses = [.. Addresses];
        return copy;
    }

    internal RpcChannelOptions Channel() => new()
    {
        MaxAttempts = MaxAttempts,
        InitialBackoff = InitialBackoff,
        MaxBackoff = MaxBackoff,
        MaxReceiveMessageSize = MaxReceiveMessageSize,
        BearerToken = Token is null && TokenFile is null ? null : new TokenSource(this).GetAsync,
        AllowTokenWithoutTls = AllowTokenWithoutTls,
        Time = Time,
        Chance = Chance,
    };
}
