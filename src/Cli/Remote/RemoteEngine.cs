using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Client;
using OrleansFlow.Client.Errors;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Remote;

/// <summary>The engine of a server, by its API: it goes on whatever becomes of this process.</summary>
internal sealed class RemoteEngine : IServerEngine
{
    private readonly FlowClient _client;
    private readonly RemoteLogs _logs;
    private readonly RemotePeers _peers;

    public RemoteEngine(ServerAddress server, EngineOptions options)
    {
        Server = server;
        _client = Connect(server, options);
        _logs = new RemoteLogs(_client);
        _peers = new RemotePeers(_client, server);
        Queries = new RemoteQueries(_client, _logs);
    }

    /// <inheritdoc/>
    public ServerAddress? Server { get; }

    /// <inheritdoc/>
    public IPeers Peers => _peers;

    /// <inheritdoc/>
    public IQueries Queries { get; }

    /// <inheritdoc/>
    public ILogs Logs => _logs;

    /// <inheritdoc/>
    public async Task<DagSource> CheckAsync(DagText file, CancellationToken cancellation) =>
        new(file.File, [.. (await _client.ValidateAsync(_peers.Input(file), cancellation)).Problems.Select(problem => Problem(file, problem))], Version: null);

    /// <inheritdoc/>
    public Task<(DagId Dag, RunId Run)> TriggerAsync(DagText file, RunParams given, TriggerRun message, CancellationToken cancellation) =>
        _peers.TriggerAsync(file, given, message, cancellation);

    /// <inheritdoc/>
    public Task DownloadAsync(Artifact artifact, string file, CancellationToken cancellation) =>
        _client.DownloadArtifactAsync(artifact.Task, artifact.Name, file, cancellation);

    /// <inheritdoc/>
    public Task<string?> FindHostAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public async Task<Contracts.V1.SystemInfo?> FindInfoAsync(CancellationToken cancellation) => await _client.GetSystemInfoAsync(cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HostDocument>> ListHostsAsync(CancellationToken cancellation) =>
        await _client.ListHostsAsync(cancellation).Select(HostMapping.Document).ToListAsync(cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> NoticesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        // what a server has to say goes to its own log
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        yield break;
    }

    /// <inheritdoc/>
    public async Task<CommandReply> CancelAndWaitAsync(RunId run, CancelRun cancel, CancellationToken cancellation)
    {
        var reply = await Peers.Run(run).CancelAsync(cancel, cancellation);
        if (reply.Accepted) await _client.WaitAsync(run, cancellation);
        return reply;
    }

    /// <inheritdoc/>
    public async Task<Cleared> ClearAsync(RunId run, ClearTasks clear, CancellationToken cancellation)
    {
        var (count, cursor) = await _peers.ClearAsync(run, clear, cancellation);
        return new Cleared(new CommandReply(true, count), new HistoryPlace(Cursor: cursor));
    }

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(RunDetail run, TaskDocument task, DateTimeOffset now, CancellationToken cancellation)
    {
        var said = await _client.ExplainAsync(task.Task.Key, cancellation);
        return new Explanation(said.Summary, said.Facts, said.Advice.Length == 0 ? null : said.Advice);
    }

    /// <inheritdoc/>
    public async Task<DagHead?> FindDagAsync(DagId dag, CancellationToken cancellation)
    {
        try
        {
            return RunMapping.Head(await _client.GetDagAsync(dag, cancellation));
        }
        catch (FlowNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<DagVersion?> FindVersionAsync(DagId dag, string hash, CancellationToken cancellation)
    {
        try
        {
            return RunMapping.Version(await _client.GetDagVersionAsync(dag, hash, cancellation), dag);
        }
        catch (FlowNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, HistoryPlace from, CancellationToken cancellation) =>
        new RemoteRunFeed(_client, _logs).FollowAsync(run, from, cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogLine> FollowLogsAsync(RunId run, LogSelection selection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = new LogQuery { Run = run, Task = selection.Task, MapIndex = selection.MapIndex, Epoch = selection.Epoch, Tail = selection.Tail, Follow = true };
        await foreach (var record in _client.StreamLogsAsync(query, cancellation))
            yield return new LogLine(ResourceNames.Attempt(record.Attempt), RemoteLogs.Read(record));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static FileProblem Problem(DagText file, Contracts.V1.DagProblem problem) => new(
        file.File, problem.Line, problem.Column, problem.Path, problem.Message,
        problem.Severity == Contracts.V1.Severity.Warning ? Severity.Warning : Severity.Error);

    private static FlowClient Connect(ServerAddress server, EngineOptions options)
    {
        // several streams lose one server: it is told once
        var away = 0;
        try
        {
            return new FlowClient(new FlowClientOptions
            {
                Addresses = { server.Address },
                FindAddresses = server.FindAgain is { } find ? () => find() is { } address ? [address] : [] : null,
                TokenFile = server.TokenFile,
                // to this machine's own address nothing crosses a network
                AllowTokenWithoutTls = server.IsThisMachine,
                ReconnectLimit = options.Patience,
                OnLost = lost =>
                {
                    if (Interlocked.Exchange(ref away, 1) == 0) options.Progress.Report($"{RemoteErrors.WithoutAdvice(lost).Split('\n')[0]} Waiting for it; Ctrl-C leaves.");
                },
                OnRestored = () =>
                {
                    if (Interlocked.Exchange(ref away, 0) == 1) options.Progress.Report($"{server.FindAgain?.Invoke() ?? server.Address} is back");
                },
            });
        }
        catch (ArgumentException refused)
        {
            throw new CliException(ExitCode.Invalid, $"{server.Origin}: {refused.Message}", refused);
        }
    }
}
