using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Execution.LocalProcess;
using OrleansFlow.Execution.LocalProcess.Attempts;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Standalone.Attempts;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using Engine = OrleansFlow.Scheduling.Hosting.Engine;
using OrleansFlow.Storage.Postgres.Migrations;
using OrleansFlow.Storage.Postgres.Reading;
using OrleansFlow.TaskRuntime.Logs;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>
/// The whole system in one process: the composition root of the coordinators with PostgreSQL, local processes and a folder of artifacts.
/// One host works on a data folder, and on a database, at a time. Thread-safe.
/// </summary>
public sealed class EmbeddedHost : IFlowHost
{
    /// <summary>How long a leaving host tries to record what its tasks have left.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Func<ValueTask>> _cleanUp = [];
    private readonly HostJournal _journal;
    private readonly CancellationToken _hurry;
    private readonly DataFolder _folder;
    private IExecutionBackend? _backend;
    private HostFence? _fence;
    private PostgresConnections? _connections;
    private Engine? _engine;
    private Task _running = Task.CompletedTask;
    private readonly ProgressBoard _progress;
    private int _disposed;

    private EmbeddedHost(DataFolder folder, HostJournal journal, CancellationToken hurry)
    {
        _journal = journal;
        _hurry = hurry;
        _folder = folder;
        _progress = new ProgressBoard(Changes);
        var logs = new LocalLogStore(folder.Logs, TimeProvider.System);
        Logs = logs;
        Store = new LocalFolderStore(folder.Artifacts, logs, TimeProvider.System);
        DataFolder = folder.Root;
    }

    /// <inheritdoc/>
    public IPeers Peers => _engine!.Peers;

    /// <inheritdoc/>
    public IQueries Queries { get; private set; } = null!;

    /// <summary>What tasks wrote.</summary>
    public ILogStore Logs { get; }

    /// <summary>The read models a page at a time.</summary>
    public IPagedQueries Pages { get; private set; } = null!;

    /// <summary>What attempts published.</summary>
    public IArtifactStore Artifacts => Store;

    /// <summary>Tells of the rows that this host commits.</summary>
    public RowChanges Changes { get; } = new();

    /// <summary>The installation that the database belongs to.</summary>
    public Guid Installation => _fence!.Installation;

    /// <summary>Another host has taken over: this one does nothing more.</summary>
    public bool IsFenced => _fence!.Lost.IsCancellationRequested;

    /// <summary>Cancelled when another host has taken over.</summary>
    public CancellationToken Fenced => _fence!.Lost;

    /// <summary>The hosts that have registered.</summary>
    internal Task<IReadOnlyList<RegisteredHost>> ListHostsAsync(CancellationToken cancellation) =>
        HostRegistry.ListAsync(_connections!, cancellation);

    /// <summary>The room that is left for data.</summary>
    internal DiskWatermark NewWatermark() => new(DiskWatermark.ProbeOf(_folder.Root));

    private LocalFolderStore Store { get; }

    /// <summary>Where the host keeps its things.</summary>
    public string DataFolder { get; }

    /// <summary>Starts a host: PostgreSQL, the schema, the fence, what the last host left, then the engine.</summary>
    /// <param name="options">What to start with.</param>
    /// <param name="progress">Told what takes long.</param>
    /// <param name="cancellation">Gives up; what was started is stopped again.</param>
    /// <exception cref="HostStartException">It cannot start; the message says why and what to do.</exception>
    /// <exception cref="AnotherHostException">Another host is in charge of the database.</exception>
    /// <exception cref="MigrationException">The database cannot be brought to this program's schema.</exception>
    public static Task<EmbeddedHost> StartAsync(FlowHostOptions options, IProgress<string>? progress, CancellationToken cancellation) =>
        StartAsync(options, null, progress, cancellation);

    /// <summary>Starts a host with a backend of the caller's: for benchmarks and tests.</summary>
    internal static async Task<EmbeddedHost> StartAsync(
        FlowHostOptions options, IExecutionBackend? backend, IProgress<string>? progress, CancellationToken cancellation)
    {
        var folder = DataFolders.DataFolder.Open(options.DataFolder);
        var host = new EmbeddedHost(folder, new HostJournal(Path.Combine(folder.Logs, "host.log"), TimeProvider.System), options.Hurry);
        try
        {
            await host.RunAsync(folder, options, backend, progress, cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> NoticesAsync(CancellationToken cancellation) => _journal.Notices.ReadAllAsync(cancellation);

    /// <summary>Writes a defect into the host's log, and returns the name under which it is found there.</summary>
    public string NoteIncident(string subject, Exception exception)
    {
        var name = Engine.Suffix(Guid.NewGuid()) + Engine.Suffix(Guid.NewGuid());
        _journal.Note("incident", $"{name} {subject}: {exception}");
        return name;
    }

    /// <summary>Writes a line into the host's log.</summary>
    internal void Note(string kind, string text) => _journal.Note(kind, text);

    /// <inheritdoc/>
    public async Task<CommandReply> CancelAndWaitAsync(RunId run, CancelRun cancel, CancellationToken cancellation)
    {
        var reply = await Peers.Run(run).CancelAsync(cancel, cancellation);
        while (reply.Accepted && !await HasEndedAsync(run, cancellation))
        {
            if (_hurry.IsCancellationRequested) await KillAsync(run, cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellation);
        }

        return reply;
    }

    private async Task KillAsync(RunId run, CancellationToken cancellation)
    {
        foreach (var status in await _backend!.ListAsync(cancellation))
            if (status.Attempt.Task.Run == run)
                await _backend.StopAsync(status.Attempt, status.Uid, StopReason.Cancel, TimeSpan.Zero, cancellation);
    }

    private async Task<bool> HasEndedAsync(RunId run, CancellationToken cancellation)
    {
        try
        {
            return await Queries.GetRunAsync(run, cancellation) is not { } detail || detail.Run.State.IsFinished();
        }
        catch (StoreException)
        {
            // PostgreSQL is away and has been reported; the run ends when it is back.
            return false;
        }
    }

    /// <summary>
    /// Stops: running tasks are ended within a few seconds, and count as lost with their host when it starts again. Their last checkpoints are
    /// recorded.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await EndTasksAsync();
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e)
        {
            // Whatever ended the engine, what was started is stopped.
            _journal.Defect("engine", e);
        }

        for (var i = _cleanUp.Count - 1; i >= 0; i--) await _cleanUp[i]();
        _engine?.Dispose();
        _journal.Dispose();
        _stopping.Dispose();
    }

    // While the engine still commits. Whatever goes wrong, the next host finds out by itself what became of them.
    private async Task EndTasksAsync()
    {
        if (_backend is not LocalProcessBackend local || _engine is null) return;
        try
        {
            var last = await local.LeaveAsync(_hurry);
            await Task.WhenAll(last.Select(status => Peers.Task(status.Attempt.Task).ObserveAsync(status, _stopping.Token)))
                .WaitAsync(LastWords, TimeProvider.System);
        }
        catch (Exception e)
        {
            _journal.Note("leaving", e.ToString());
        }
    }

    private async Task RunAsync(
        DataFolder folder, FlowHostOptions options, IExecutionBackend? backend, IProgress<string>? progress, CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        var database = Keep(await Database.HostAsync(folder, options.ConnectionString, new ServerNews(_journal, progress), cancellation));
        await new Migrator().MigrateAsync(database.ConnectionString, migration => _journal.Note("migration", $"{migration.Number} {migration.Name}"), cancellation);
        var id = HostName.Create(Engine.Suffix(Guid.NewGuid()));
        var connections = Keep(new PostgresConnections(database.ConnectionString, id));
        _connections = connections;
        var fence = _fence = Keep(await HostFence.AcquireAsync(connections, new HostOptions(), time, cancellation));
        fence.Lost.Register(() => _journal.Fenced("its registration was taken over"));

        var reader = new PostgresStateReader(connections);
        var rows = new PostgresQueries(connections);
        var queries = new ProgressQueries(rows, rows, _progress);
        (Queries, Pages) = (queries, queries);
        backend ??= Keep(LocalBackend(folder, time));
        _backend = backend;
        var executor = new PostgresBatchExecutor(connections, fence.Epoch);
        var parallelism = new Step { Anchor = RowKey.OfPool(LimitKeys.Global), Writes = [new SetLimit(LimitKeys.Global, options.Parallelism)] };
        await executor.ExecuteAsync([parallelism], cancellation);
        _engine = new Engine(
            new EngineParts
            {
                Executor = new WatchedExecutor(executor, Changes),
                Reader = reader,
                Backend = backend,
                Artifacts = Store,
                Mailboxes = new Mailboxes(),
                Compile = DagCompiler.Compile,
                Time = time,
                NewGuid = Guid.NewGuid,
                Observer = _journal,
                SweepInterval = options.SweepInterval,
                First = options.First is { } first ? (peers, stop) => first(peers, queries, stop) : null,
            },
            _stopping.Token);
        var http = Keep(new HttpClient());
        var outbox = new OutboxPump(reader, http, time, _journal);
        var housekeeping = new Housekeeping(
            reader, Store, (LocalLogStore)Logs, options.LogRetention, time, Random.Shared.NextDouble, _journal);
        _running = Task.WhenAll(
            Task.Run(_engine.RunAsync, CancellationToken.None),
            Task.Run(() => outbox.RunAsync(_stopping.Token), CancellationToken.None),
            Task.Run(() => housekeeping.RunAsync(_stopping.Token), CancellationToken.None));
        await _engine.Recovered.WaitAsync(cancellation);
    }

    private LocalProcessBackend LocalBackend(DataFolder folder, TimeProvider time)
    {
        var disk = new DiskGuard(new DiskWatermark(DiskWatermark.ProbeOf(folder.Root)), folder.Root);
        var logs = new TaskLogOptions { Allowed = () => disk.Hold() is null };
        return new LocalProcessBackend(
            new LocalProcessOptions
            {
                Attempts = folder.Attempts,
                Log = logs,
                Hold = disk.Hold,
                Notice = _journal.Say,
                Endpoints = Endpoints(folder, time),
                Progress = _progress.Set,
            },
            Store,
            new EnvironmentConnections(),
            time);
    }

    // tasks can do without: all that it offers can be done by files as well
    private AttemptSockets? Endpoints(DataFolder folder, TimeProvider time)
    {
        try
        {
            return Keep(AttemptSockets.Prepare(folder.Root, NoteIncident, time));
        }
        catch (IOException e)
        {
            _journal.Say($"tasks have no FLOW_API: {e.Message}");
            return null;
        }
    }

    private T Keep<T>(T part)
    {
        _cleanUp.Add(async () =>
        {
            if (part is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
            else (part as IDisposable)?.Dispose();
        });
        return part;
    }

    private sealed class ServerNews(HostJournal journal, IProgress<string>? progress) : IProgress<ServerNotice>
    {
        public void Report(ServerNotice value)
        {
            journal.Report(value);
            if (value.State == ServerState.Creating) progress?.Report(value.Message);
        }
    }
}
