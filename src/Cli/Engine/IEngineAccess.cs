using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Engine;

/// <summary>How commands come by an engine: hosted in this process, or only its rows.</summary>
internal interface IEngineAccess
{
    /// <summary>Hosts the engine in this process until it is disposed.</summary>
    /// <exception cref="HostBusyException">Another live process hosts this data folder.</exception>
    /// <exception cref="CliException">There is no PostgreSQL to be had, or the data folder cannot be used.</exception>
    Task<IEngine> HostAsync(EngineOptions options, CancellationToken cancellation);

    /// <summary>Opens the rows and logs for reading; nothing runs because of it.</summary>
    /// <exception cref="CliException">There is no PostgreSQL to be had, or the data folder cannot be used.</exception>
    Task<IEngineReader> ReadAsync(EngineOptions options, CancellationToken cancellation);

    /// <summary>Brings the schema up to date.</summary>
    /// <exception cref="CliException">There is no PostgreSQL to be had, or a migration failed.</exception>
    Task<Migrated> MigrateAsync(EngineOptions options, CancellationToken cancellation);
}

/// <summary>Which engine.</summary>
/// <param name="DataFolder">The data folder; null: the default one.</param>
/// <param name="ConnectionString">A PostgreSQL to use; null: a private one in the data folder.</param>
/// <param name="Progress">Told what is being done, in words.</param>
internal sealed record EngineOptions(string? DataFolder, string? ConnectionString, IProgress<string> Progress);

/// <summary>What a migration did.</summary>
/// <param name="From">The schema's version before; 0: there was none.</param>
/// <param name="To">Its version now.</param>
internal sealed record Migrated(int From, int To);

/// <summary>Rows and logs.</summary>
internal interface IEngineReader : IAsyncDisposable
{
    /// <summary>The read models.</summary>
    IQueries Queries { get; }

    /// <summary>What tasks wrote.</summary>
    ITaskLogs Logs { get; }

    /// <summary>The process id of a live host of this engine, this process included; null when nobody hosts it.</summary>
    Task<int?> FindHostAsync(CancellationToken cancellation);
}

/// <summary>An engine that runs in this process.</summary>
internal interface IEngine : IEngineReader
{
    /// <summary>How to reach the coordinators: commands.</summary>
    IPeers Peers { get; }

    /// <summary>What the host has to say to people, as it happens.</summary>
    IAsyncEnumerable<string> NoticesAsync(CancellationToken cancellation);

    /// <summary>Cancels a run and waits until its tasks have ended.</summary>
    Task CancelAndWaitAsync(RunId run, CancellationToken cancellation);
}

/// <summary>
/// Reads the logs of attempts, wherever they lie: UTF-8, one record per line (<see cref="Logs.LogRecord"/>).
/// </summary>
internal interface ITaskLogs
{
    /// <summary>Where a person finds the log of an attempt: a path or an address. It need not exist.</summary>
    string Locate(DagId dag, AttemptKey attempt);

    /// <summary>What there is from an offset on; empty when there is no more, or no log at all.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="offset">In bytes from the beginning.</param>
    /// <param name="limit">The most bytes to return; the last record may then be cut.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<LogPiece> ReadAsync(DagId dag, AttemptKey attempt, long offset, int limit, CancellationToken cancellation);
}

/// <summary>A part of a log.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Next">The offset of what follows.</param>
internal sealed record LogPiece(ReadOnlyMemory<byte> Bytes, long Next);

/// <summary>Another live process hosts the data folder.</summary>
internal sealed class HostBusyException(int pid, string dataFolder) : CliException(
    Cli.ExitCode.Unavailable,
    $"process {pid} hosts the engine of {dataFolder} and is the only one that may change things there. "
    + $"Wait until it ends, or stop it (kill -INT {pid} cancels its run and ends it), or use another --data-dir.")
{
    /// <summary>That process.</summary>
    public int Pid { get; } = pid;
}
