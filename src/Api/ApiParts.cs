using OrleansFlow.Api.Installations;
using OrleansFlow.Api.Security;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Watching;

namespace OrleansFlow.Api;

/// <summary>What the API is made of.</summary>
public sealed record ApiParts
{
    /// <summary>How commands reach the coordinators.</summary>
    public required IPeers Peers { get; init; }

    /// <summary>The read models.</summary>
    public required IQueries Queries { get; init; }

    /// <summary>The read models a page at a time.</summary>
    public required IPagedQueries Pages { get; init; }

    /// <summary>What tasks wrote.</summary>
    public required ILogStore Logs { get; init; }

    /// <summary>What attempts published.</summary>
    public required IArtifactStore Artifacts { get; init; }

    /// <summary>Tells of rows as they are committed.</summary>
    public required RowChanges Changes { get; init; }

    /// <summary>The server itself.</summary>
    public required IInstallation Installation { get; init; }

    /// <summary>Who may call.</summary>
    public required TokenBook Tokens { get; init; }

    /// <summary>Time.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>A few random lower-case letters and digits, for the ids of runs.</summary>
    public required Func<string> NewSuffix { get; init; }

    /// <summary>Writes a defect into the server's log, and returns the name under which it is found there.</summary>
    public required Func<string, Exception, string> Incident { get; init; }

    /// <summary>What callers may use at once.</summary>
    public ApiLimits Limits { get; init; } = new();

    /// <summary>
    /// How long nothing is heard of a run that is watched until it is looked at without: others commit too, and what they tell may be lost. Default 2 s.
    /// </summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>What callers may use at once, and at most.</summary>
public sealed record ApiLimits
{
    /// <summary>The largest message that is read, in bytes. Default 12 MiB: a DAG file of 8 MiB in JSON.</summary>
    public int MaxMessageBytes { get; init; } = 12 * 1024 * 1024;

    /// <summary>Open <c>WatchRun</c> streams of all callers together. Each costs a few KiB. Default 20,000.</summary>
    public int MaxRunWatches { get; init; } = 20_000;

    /// <summary>Runs that are followed at once, by however many callers, and as many whose history is. Default 2,000.</summary>
    public int MaxFollowedRuns { get; init; } = 2000;

    /// <summary>Task instances of all followed runs together, beyond which no further run is followed. Each costs a few KiB. Default 500,000.</summary>
    public int MaxFollowedTasks { get; init; } = 500_000;

    /// <summary>Open <c>WatchRunEvents</c> streams of all callers together: each catches up by itself. Default 500.</summary>
    public int MaxEventWatches { get; init; } = 500;

    /// <summary>Open <c>StreamLogs</c> and <c>DownloadArtifact</c> streams of all callers together. Default 500.</summary>
    public int MaxFileStreams { get; init; } = 500;

    /// <summary>
    /// Open streams of all kinds on one connection. Default 900; the connection takes <see cref="MoreCallsOfConnection"/> calls beyond that, so
    /// that what its client asks meanwhile gets through.
    /// </summary>
    public int MaxConnectionStreams { get; init; } = 900;

    /// <summary>How many calls a connection takes beside its streams.</summary>
    public const int MoreCallsOfConnection = 100;

    /// <summary>How long a unary call may take whose caller names no deadline. Default 1 min.</summary>
    public TimeSpan UnaryTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a unary call may take at most, whatever deadline its caller names. Default 5 min.</summary>
    public TimeSpan MaxUnaryTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long what is sent waits for a caller who does not read, before he is cut off. Default 1 min.</summary>
    public TimeSpan ReaderPatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a command waits at most, whatever the caller's deadline: then the answer is that the database is away. Default 20 s: less
    /// than clients wait for a call, so that they learn why.</summary>
    public TimeSpan CommandPatience { get; init; } = TimeSpan.FromSeconds(20);
}
