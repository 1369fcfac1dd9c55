using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Following;
using OrleansFlow.Cli.Logs;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Client;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Remote;

/// <summary>The engine of a server, by its API.</summary>
internal sealed class RemoteEngine : IRemoteEngine
{
    private readonly FlowClient _client;
    private readonly RemoteLogs _logs;
    private readonly ConcurrentDictionary<RunId, string> _cursors = new();

    public RemoteEngine(ServerAddress server, EngineOptions options)
    {
        Server = server;
        _client = Connect(server, options);
        _logs = new RemoteLogs(_client);
        Queries = new RemoteQueries(_client, _logs);
        Peers = new RemotePeers(_client, _cursors);
    }

    /// <inheritdoc/>
    public ServerAddress Server { get; }

    /// <inheritdoc/>
    public IPeers Peers { get; }

    /// <inheritdoc/>
    public IQueries Queries { get; }

    /// <inheritdoc/>
    public ILogStore Logs => _logs;

    /// <inheritdoc/>
    public Task DownloadAsync(Artifact artifact, string file, CancellationToken cancellation) =>
        _client.DownloadArtifactAsync(artifact.Task, artifact.Name, file, cancellation);

    /// <inheritdoc/>
    public Task<string?> FindHostAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public Task<Contracts.V1.SystemInfo> InfoAsync(CancellationToken cancellation) => _client.GetSystemInfoAsync(cancellation);

    /// <inheritdoc/>
    public string? CursorOf(RunId run) => _cursors.GetValueOrDefault(run);

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
    public async Task<Explanation> ExplainAsync(RunDetail run, TaskDocument task, DateTimeOffset now, CancellationToken cancellation)
    {
        var said = await _client.ExplainAsync(task.Task.Key, cancellation);
        return new Explanation(said.Summary, said.Facts, said.Advice.Length == 0 ? null : said.Advice);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, EventQuery from, CancellationToken cancellation) =>
        new RemoteRunFeed(_client, _logs).FollowAsync(run, from, cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var record in _client.StreamLogsAsync(query, cancellation))
            yield return new LogLine(ResourceNames.Attempt(record.Attempt), RemoteLogs.Read(record));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static FlowClient Connect(ServerAddress server, EngineOptions options)
    {
        // several streams lose one server: it is told once
        var away = 0;
        try
        {
            return new FlowClient(new FlowClientOptions
            {
                Addresses = { server.Address },
                TokenFile = server.TokenFile,
                ReconnectLimit = Timeout.InfiniteTimeSpan,
                OnLost = lost =>
                {
                    if (Interlocked.Exchange(ref away, 1) == 0) options.Progress.Report($"{lost.Message.Split('\n')[0]} Waiting for it; Ctrl-C leaves.");
                },
                OnRestored = () =>
                {
                    if (Interlocked.Exchange(ref away, 0) == 1) options.Progress.Report($"{server} is back");
                },
            });
        }
        catch (ArgumentException refused)
        {
            throw new CliException(ExitCode.Invalid, $"{server.Origin}: {refused.Message}", refused);
        }
    }
}
