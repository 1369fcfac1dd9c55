using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Embedded;

/// <summary>What is read where nothing was ever kept.</summary>
internal sealed class NothingReader : IEngineReader, IQueries, ILogs
{
    public IQueries Queries => this;

    public ILogs Logs => this;

    public Task<string?> FindHostAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    public Task<IReadOnlyList<DagSummary>> ListDagsAsync(CancellationToken cancellation) => None<DagSummary>();

    public Task<DagDetail?> GetDagAsync(DagId dag, CancellationToken cancellation) => Task.FromResult<DagDetail?>(null);

    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunFilter filter, CancellationToken cancellation) => None<RunSummary>();

    public Task<RunId?> FindLatestRunAsync(DagId? dag, CancellationToken cancellation) => Task.FromResult<RunId?>(null);

    public Task<RunDetail?> GetRunAsync(RunId run, CancellationToken cancellation) => Task.FromResult<RunDetail?>(null);

    public Task<IReadOnlyList<HistoryEntry>> GetHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation) =>
        None<HistoryEntry>();

    public Task<IReadOnlyList<PoolUsage>> ListPoolsAsync(CancellationToken cancellation) => None<PoolUsage>();

    public Task DownloadAsync(Artifact artifact, string file, CancellationToken cancellation) => throw NoAttempts();

    public string Locate(DagId dag, AttemptKey attempt) => throw NoAttempts();

    public IAsyncEnumerable<LogRecord> ReadAsync(DagId dag, AttemptKey attempt, int? tail, CancellationToken cancellation) => throw NoAttempts();

    public Task<IReadOnlyList<LogRecord>> TailAsync(DagId dag, AttemptKey attempt, int count, CancellationToken cancellation) => throw NoAttempts();

    public IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, HistoryPlace from, CancellationToken cancellation) => throw NoAttempts();

    public IAsyncEnumerable<LogLine> FollowLogsAsync(RunId run, LogSelection selection, CancellationToken cancellation) => throw NoAttempts();

    public Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation) => Task.FromResult<DateTimeOffset?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Task<IReadOnlyList<T>> None<T>() => Task.FromResult<IReadOnlyList<T>>([]);

    private static InvalidOperationException NoAttempts() => new("there are no attempts");
}
