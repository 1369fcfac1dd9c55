using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Following;
using OrleansFlow.Cli.Logs;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Client;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Remote;

/// <summary>An engine that runs somewhere else: it goes on whatever becomes of this process.</summary>
internal interface IRemoteEngine : IEngine
{
    /// <summary>Where it runs.</summary>
    ServerAddress Server { get; }

    /// <summary>What the server says of itself.</summary>
    Task<SystemInfo> InfoAsync(CancellationToken cancellation);

    /// <summary>Where the history of a run goes on from the last command that this engine was given for it; null: there was none.</summary>
    string? CursorOf(RunId run);

    /// <summary>Looks at a run until it has ended; the last update shows it ended, with all its events told.</summary>
    IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, EventQuery from, CancellationToken cancellation);

    /// <summary>What tasks write, until nothing more can come.</summary>
    IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, CancellationToken cancellation);
}
