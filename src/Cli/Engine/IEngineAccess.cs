using OrleansFlow.Cli.Servers;
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

    /// <summary>The engine of the server that is meant; null: one would be hosted in this process.</summary>
    /// <exception cref="CliException">What names the server makes no sense.</exception>
    IServerEngine? FindServer(EngineOptions options);

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

    /// <summary>The file with the token that was named for whichever server it is; null: its own, if it has one.</summary>
    public string? TokenFile { get; init; }

    /// <summary>How long what follows a run waits for a server that went away.</summary>
    public TimeSpan Patience { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>A command that an engine which is hosted here is given before it takes up what the last host left; null: none.</summary>
    public Func<IPeers, IQueries, CancellationToken, Task>? First { get; init; }

    /// <summary>The time of looks and waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Another live process hosts the engine.</summary>
internal sealed class HostBusyException(string message, Exception? inner = null) : CliException(Cli.ExitCode.Unavailable, message, inner);
