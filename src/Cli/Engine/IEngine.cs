using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Engine;

/// <summary>Rows and logs.</summary>
internal interface IEngineReader : IAsyncDisposable
{
    /// <summary>The read models.</summary>
    IQueries Queries { get; }

    /// <summary>What tasks wrote.</summary>
    ILogs Logs { get; }

    /// <summary>The server that hosts the engine, whatever becomes of this process; null: none does.</summary>
    ServerAddress? Server => null;

    /// <summary>The other live process that hosts the engine, in words; null when none does, or a server.</summary>
    Task<string?> FindHostAsync(CancellationToken cancellation);

    /// <summary>Looks at a run until it has ended; the last update shows it ended, with all its events told.</summary>
    /// <param name="run">Which.</param>
    /// <param name="from">The place in its history from which on it is told.</param>
    /// <param name="cancellation">Gives up.</param>
    IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, HistoryPlace from, CancellationToken cancellation);

    /// <summary>What tasks of a run wrote and write, until nothing more can come.</summary>
    IAsyncEnumerable<LogLine> FollowLogsAsync(RunId run, LogSelection selection, CancellationToken cancellation);

    /// <summary>Writes a published file to a file: whole or not at all, and only with the content that was committed.</summary>
    /// <param name="artifact">Which.</param>
    /// <param name="file">Where to.</param>
    /// <param name="cancellation">Gives up; nothing is left.</param>
    /// <exception cref="Client.Errors.FlowException">It is not what was committed, or cannot be written.</exception>
    Task DownloadAsync(Domain.Data.Artifact artifact, string file, CancellationToken cancellation);

    /// <summary>What the server says of itself; null: this process hosts or reads the engine itself.</summary>
    Task<Contracts.V1.SystemInfo?> FindInfoAsync(CancellationToken cancellation) => Task.FromResult<Contracts.V1.SystemInfo?>(null);

    /// <summary>The hosts of the installation.</summary>
    Task<IReadOnlyList<HostDocument>> ListHostsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<HostDocument>>([]);

    /// <summary>Why a task instance is as it is.</summary>
    async Task<Explanation> ExplainAsync(RunDetail run, TaskDocument task, DateTimeOffset now, CancellationToken cancellation) =>
        Explainer.Explain(await WhyFacts.GatherAsync(Queries, run, task.Detail, now, cancellation));

    /// <summary>A DAG without its versions; null when there is none.</summary>
    async Task<DagHead?> FindDagAsync(DagId dag, CancellationToken cancellation) => (await Queries.GetDagAsync(dag, cancellation))?.Head;

    /// <summary>A version of a DAG with its specification; null when there is none.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="hash">Which version.</param>
    /// <param name="cancellation">Gives up.</param>
    async Task<DagVersion?> FindVersionAsync(DagId dag, string hash, CancellationToken cancellation) =>
        (await Queries.GetDagAsync(dag, cancellation))?.Versions.FirstOrDefault(version => version.Hash == hash);
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

    /// <summary>Sets finished tasks of a run back.</summary>
    Task<Cleared> ClearAsync(RunId run, ClearTasks clear, CancellationToken cancellation);
}

/// <summary>The answer to <see cref="IEngine.ClearAsync"/>.</summary>
/// <param name="Reply">The engine's reply.</param>
/// <param name="From">The place in the run's history where what it led to begins.</param>
internal sealed record Cleared(CommandReply Reply, HistoryPlace From);
