using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Engine;

/// <summary>How commands come by an engine: that of a server, hosted in this process, or only its rows and logs.</summary>
internal interface IEngineAccess
{
    /// <summary>The version of the database schema that this program works with; opening an engine brings the database to it.</summary>
    int SchemaVersion { get; }

    /// <summary>Hosts the engine in this process until it is disposed, unless a server is there to do so.</summary>
    /// <exception cref="HostBusyException">Another live process hosts it.</exception>
    /// <exception cref="CliException">There is no PostgreSQL to be had, or the data folder cannot be used.</exception>
    Task<IEngine> HostAsync(EngineOptions options, CancellationToken cancellation);

    /// <summary>Brings the database to that version, and makes a private one where there is none.</summary>
    /// <exception cref="CliException">There is no PostgreSQL to be had, or the data folder cannot be used.</exception>
    Task MigrateAsync(EngineOptions options, CancellationToken cancellation);

    /// <summary>Opens the rows and logs for reading; nothing runs because of it, and nothing is made: where there are no data, there are no rows.</summary>
    /// <exception cref="CliException">There is no PostgreSQL to be had, or the data folder cannot be used.</exception>
    Task<IEngineReader> ReadAsync(EngineOptions options, CancellationToken cancellation);
}

/// <summary>Which engine.</summary>
/// <param name="DataFolder">The data folder; null: the default one.</param>
/// <param name="ConnectionString">A PostgreSQL to use; null: a private one in the data folder.</param>
/// <param name="Progress">Told what takes long, in words.</param>
/// <param name="Hurry">From then on tasks that are told to stop get no grace period.</param>
internal sealed record EngineOptions(string? DataFolder, string? ConnectionString, IProgress<string> Progress, CancellationToken Hurry)
{
    /// <summary>Says which server is meant; null: whoever serves the data folder, or this process.</summary>
    public Func<ServerAddress?> FindServer { get; init; } = () => null;
}

/// <summary>Rows and logs.</summary>
internal interface IEngineReader : IAsyncDisposable
{
    /// <summary>The read models.</summary>
    IQueries Queries { get; }

    /// <summary>What tasks wrote.</summary>
    ILogStore Logs { get; }

    /// <summary>The other live process that hosts the engine, in words; null when none does.</summary>
    Task<string?> FindHostAsync(CancellationToken cancellation);

    /// <summary>Writes a published file to a file: whole or not at all, and only with the content that was committed.</summary>
    /// <param name="artifact">Which.</param>
    /// <param name="file">Where to.</param>
    /// <param name="cancellation">Gives up; nothing is left.</param>
    /// <exception cref="Client.Errors.FlowException">It is not what was committed, or cannot be written.</exception>
    Task DownloadAsync(Artifact artifact, string file, CancellationToken cancellation);

    /// <summary>Why a task instance is as it is.</summary>
    async Task<Explanation> ExplainAsync(RunDetail run, TaskDocument task, DateTimeOffset now, CancellationToken cancellation) =>
        Explainer.Explain(await WhyFacts.GatherAsync(Queries, run, task.Detail, now, cancellation));
}

/// <summary>An engine that takes commands: in this process, or a server's.</summary>
internal interface IEngine : IEngineReader
{
    /// <summary>How to reach the coordinators: commands.</summary>
    IPeers Peers { get; }

    /// <summary>What the host has to say to people, as it happens.</summary>
    IAsyncEnumerable<string> NoticesAsync(CancellationToken cancellation);

    /// <summary>Cancels a run and waits until its tasks have ended.</summary>
    Task<CommandReply> CancelAndWaitAsync(RunId run, CancelRun cancel, CancellationToken cancellation);
}

/// <summary>Another live process hosts the engine.</summary>
internal sealed class HostBusyException(string message, Exception? inner = null) : CliException(Cli.ExitCode.Unavailable, message, inner);
