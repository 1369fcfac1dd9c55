using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Client.Downloads;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Storage.Postgres.Migrations;

namespace OrleansFlow.Cli.Embedded;

/// <summary>The engine of <c>Standalone</c>, in this process.</summary>
internal sealed class EmbeddedEngines : IEngineAccess
{
    /// <inheritdoc/>
    public int SchemaVersion => Migration.Embedded[^1].Number;

    /// <inheritdoc/>
    public Task<IEngine> HostAsync(EngineOptions options, CancellationToken cancellation) => ExplainAsync<IEngine>(async () =>
        new Hosted(await EmbeddedHost.StartAsync(Options(options), options.Progress, cancellation), options));

    /// <inheritdoc/>
    public IServerEngine? FindServer(EngineOptions options) => null;

    /// <inheritdoc/>
    public Task MigrateAsync(EngineOptions options, CancellationToken cancellation) => ExplainAsync(async () =>
    {
        await using var reader = await FlowReader.OpenAsync(Options(options), options.Progress, cancellation);
        return true;
    });

    /// <inheritdoc/>
    public Task<IEngineReader> ReadAsync(EngineOptions options, CancellationToken cancellation) => ExplainAsync<IEngineReader>(async () =>
    {
        if (FlowReader.FindEmpty(Options(options)) is not { } folder)
            return new Reader(await FlowReader.OpenAsync(Options(options), options.Progress, cancellation), options);
        options.Progress.Report($"there are no data in {folder} yet; FLOW_DATA_DIR names another folder, FLOW_POSTGRES a database");
        return new NothingReader();
    });

    private static FlowHostOptions Options(EngineOptions options) => new()
    {
        DataFolder = options.DataFolder,
        ConnectionString = options.ConnectionString,
        Hurry = options.Hurry,
        First = options.First,
    };

    /// <summary>Turns what keeps an engine from starting into a message and an exit code.</summary>
    internal static async Task<T> ExplainAsync<T>(Func<Task<T>> open)
    {
        try
        {
            return await open();
        }
        catch (HostStartException refused) when (refused.Problem == StartProblem.Locked)
        {
            throw new HostBusyException($"{refused.Message} {refused.WhatToDo}", refused);
        }
        catch (HostStartException refused)
        {
            throw new CliException(
                refused.Problem == StartProblem.Settings ? ExitCode.Invalid : ExitCode.Unavailable, $"{refused.Message} {refused.WhatToDo}", refused);
        }
        catch (AnotherHostException refused)
        {
            throw new HostBusyException(refused.Message, refused);
        }
        catch (MigrationException refused)
        {
            throw new CliException(ExitCode.Unavailable, refused.Message, refused);
        }
        catch (StoreException refused)
        {
            throw new CliException(ExitCode.Unavailable, refused.Message, refused);
        }
    }

    private static Task CopyAsync(IArtifactReader store, Artifact artifact, string file, CancellationToken cancellation) => VerifiedFile.WriteAsync(
        file,
        async content =>
        {
            try
            {
                await using var from = await store.OpenAsync(artifact.Uri, cancellation);
                await from.CopyToAsync(content, cancellation);
            }
            catch (ArtifactException gone)
            {
                throw new FlowException(gone.Message, gone);
            }

            return (artifact.Size, artifact.Sha256);
        },
        cancellation);

    private sealed class Hosted(EmbeddedHost host, EngineOptions options) : IEngine
    {
        public IPeers Peers => host.Peers;

        public IQueries Queries => host.Queries;

        public ILogs Logs { get; } = new LocalLogs(host.Logs);

        public Task DownloadAsync(Artifact artifact, string file, CancellationToken cancellation) => CopyAsync(host.Artifacts, artifact, file, cancellation);

        public Task<string?> FindHostAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

        public IAsyncEnumerable<string> NoticesAsync(CancellationToken cancellation) => host.NoticesAsync(cancellation);

        public Task<CommandReply> CancelAndWaitAsync(RunId run, CancelRun cancel, CancellationToken cancellation) =>
            host.CancelAndWaitAsync(run, cancel, cancellation);

        public async Task<Cleared> ClearAsync(RunId run, ClearTasks clear, CancellationToken cancellation)
        {
            var from = new HistoryPlace(await RunFeed.FindEndAsync(Queries, run, cancellation));
            return new Cleared(await Peers.Run(run).ClearAsync(clear, cancellation), from);
        }

        // it brings its PostgreSQL back itself
        public IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, HistoryPlace from, CancellationToken cancellation) =>
            new RunFeed(Queries, options.Time, from, waits: () => Task.FromResult(true)).FollowAsync(run, cancellation);

        public IAsyncEnumerable<LogLine> FollowLogsAsync(RunId run, LogSelection selection, CancellationToken cancellation) =>
            new LogFeed(host.Logs, Logs, selection, options.Progress).FollowAsync(
                FollowAsync(run, default, cancellation), isHosted: () => Task.FromResult(true), cancellation);

        public ValueTask DisposeAsync() => host.DisposeAsync();
    }

    private sealed class Reader(FlowReader reader, EngineOptions options) : IEngineReader
    {
        public IQueries Queries => reader.Queries;

        public ILogs Logs { get; } = new LocalLogs(reader.Logs);

        public Task DownloadAsync(Artifact artifact, string file, CancellationToken cancellation) => CopyAsync(reader.Artifacts, artifact, file, cancellation);

        public Task<string?> FindHostAsync(CancellationToken cancellation) => reader.FindHostAsync(cancellation);

        public Task<IReadOnlyList<HostDocument>> ListHostsAsync(CancellationToken cancellation) => ExplainAsync<IReadOnlyList<HostDocument>>(async () =>
        [
            .. (await reader.ListHostsAsync(cancellation)).Select(host => new HostDocument(
                host.Id, host.Engine, host.State.ToString().ToLowerInvariant(), host.IsInCharge)
            {
                Since = host.Since,
                Epoch = host.Epoch > 0 ? host.Epoch : null,
                LeaseUntil = host.Until,
                Version = host.Version,
                Address = host.Address,
                Live = host.Live,
                Notice = host.Notice,
                NoticedAt = host.NoticedAt,
            }),
        ]);

        public IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, HistoryPlace from, CancellationToken cancellation) =>
            new RunFeed(Queries, options.Time, from, waits: () => IsHostedAsync(cancellation), options.Progress).FollowAsync(run, cancellation);

        public IAsyncEnumerable<LogLine> FollowLogsAsync(RunId run, LogSelection selection, CancellationToken cancellation) =>
            new LogFeed(reader.Logs, Logs, selection, options.Progress).FollowAsync(
                FollowAsync(run, default, cancellation), isHosted: () => IsHostedAsync(cancellation), cancellation);

        public ValueTask DisposeAsync() => reader.DisposeAsync();

        private async Task<bool> IsHostedAsync(CancellationToken cancellation) => await FindHostAsync(cancellation) is not null;
    }
}
