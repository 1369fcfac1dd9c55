using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;
using OrleansFlow.Standalone.Replicas;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Storage.Postgres.Migrations;
using OrleansFlow.Storage.Postgres.Reading;
using OrleansFlow.Telemetry;
using OrleansFlow.Telemetry.Instruments;
using Engine = OrleansFlow.Scheduling.Hosting.Engine;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>
/// The whole system in one process: the composition root of the coordinators with PostgreSQL, local processes and a folder of artifacts.
/// One host works on a data folder, and on a database, at a time. Thread-safe.
/// </summary>
public sealed class EmbeddedHost : IFlowHost, IServedHost
{
    private const string TakenOver = "Another host has taken over this database. This one does nothing more; end it.";

    private static readonly string s_notHandedOver =
        "this host ends before PostgreSQL has heard that it gives up its place, and what its tasks left: another host, or the next start of this one, goes on "
        + $"with its runs when PostgreSQL answers, at the latest {new HostOptions().Lease.TotalSeconds} s after that, when the lease of this one has run out";

    /// <summary>
    /// What is kept of the drain when calls are not waited for before the rest begins; when the handover is waited for no longer; and when calls are
    /// not: then the last word to the others, the sessions and the telemetry are left. A private PostgreSQL comes after that.
    /// </summary>
    private static readonly (TimeSpan FirstCalls, TimeSpan HandOver, TimeSpan Calls) s_kept =
        (TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(0.5));

    private readonly CleanUp _cleanUp = new();
    private readonly Lazy<Deadline> _deadline = new(() => new Deadline(Deadline.Drain, TimeProvider.System));
    private readonly HostJournal _journal;
    private readonly FlowHostOptions _options;
    private readonly DataFolder _folder;
    private readonly LocalLogStore _logs;
    private readonly LocalFolderStore _store;
    private PostgresConnections? _connections;
    private Turns? _turns;
    private string _secret = "";
    private volatile ReplicaBoard? _board;
    private volatile bool _leaving;
    private volatile string? _notice;
    private Database? _database;
    private int _disposed;

    private EmbeddedHost(DataFolder folder, HostJournal journal, FlowHostOptions options)
    {
        (_journal, _options, _folder) = (journal, options, folder);
        var shared = options.SharedFolder;
        _logs = new LocalLogStore(shared is null ? folder.Logs : Path.Combine(shared, "logs"), TimeProvider.System);
        _store = new LocalFolderStore(shared is null ? folder.Artifacts : Path.Combine(shared, "artifacts"), _logs, TimeProvider.System);
        DataFolder = folder.Root;
    }

    /// <inheritdoc/>
    /// <remarks>Of a host that stands by, the commands go to the host in charge, or wait for one.</remarks>
    public IPeers Peers { get; private set; } = null!;

    /// <inheritdoc/>
    public IQueries Queries { get; private set; } = null!;

    /// <summary>What tasks wrote.</summary>
    public ILogStore Logs => _logs;

    /// <summary>The read models a page at a time.</summary>
    public IPagedQueries Pages { get; private set; } = null!;

    /// <summary>What attempts published.</summary>
    public IArtifactStore Artifacts => _store;

    /// <summary>Tells of the rows that this host commits, and where hosts take turns of the runs that others change.</summary>
    public RowChanges Changes { get; } = new();

    /// <summary>The installation that the database belongs to.</summary>
    public Guid Installation { get; private set; }

    /// <summary>Another host has taken over: this one does nothing more. Never so of one that stands by for its next turn.</summary>
    public bool IsFenced => Fenced.IsCancellationRequested;

    /// <summary>Cancelled when another host has taken over, unless this one stands by for its next turn.</summary>
    public CancellationToken Fenced { get; private set; }

    /// <summary>The coordinators while this host is in charge; null while it is not.</summary>
    internal IPeers? InCharge => _turns?.Current?.Peers;

    /// <inheritdoc/>
    public HostTelemetry? Telemetry { get; private set; }

    CancellationToken IServedHost.Useless => Fenced;

    (bool Serving, string Detail) IServedHost.Engine =>
        IsFenced ? (false, "another host has taken over this database; end this one")
        : (true, InCharge is null ? "it stands by: another host is in charge, or about to be" : "");

    PeerDoor? IServedHost.Door => _options.StandBy ? new PeerDoor(() => InCharge, _secret) : null;

    /// <inheritdoc/>
    public Task<IReadOnlyList<RegisteredHost>> ListHostsAsync(CancellationToken cancellation) =>
        HostRegistry.ListAsync(_connections!, cancellation);

    /// <summary>Where the host keeps its things.</summary>
    public string DataFolder { get; }

    /// <summary>
    /// Starts a host: PostgreSQL, the schema, the fence, what the last host left, then the engine; one that stands by returns when it can serve
    /// reads, and does the rest when it is its turn.
    /// </summary>
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
        var host = new EmbeddedHost(folder, new HostJournal(Path.Combine(folder.Logs, "host.log"), options.StandBy ? null : TakenOver, TimeProvider.System, options.JsonLog), options);
        try
        {
            await host.RunAsync(backend, progress, cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> NoticesAsync(CancellationToken cancellation) => _journal.NoticesAsync(cancellation);

    /// <inheritdoc/>
    public string NoteIncident(string subject, Exception exception) => _journal.NoteIncident(subject, exception);

    /// <inheritdoc/>
    public void Note(string kind, string text) => _journal.Note(kind, text);

    /// <inheritdoc/>
    public async Task<CommandReply> CancelAndWaitAsync(RunId run, CancelRun cancel, CancellationToken cancellation)
    {
        var reply = await Peers.Run(run).CancelAsync(cancel, cancellation);
        while (reply.Accepted && !await HasEndedAsync(run, cancellation))
        {
            if (_options.Hurry.IsCancellationRequested && _turns?.Current is { } tenure) await tenure.KillAsync(run, cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellation);
        }

        return reply;
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

    /// <inheritdoc/>
    public Task AnnounceAsync(string address)
    {
        var table = new ReplicaTable(_connections!, "embedded", address, ProgramVersion.Text);
        var board = _cleanUp.Add(new ReplicaBoard(table, Word, _journal.StoreAvailable, TimeProvider.System));
        _board = board;
        return board.StartAsync();
    }

    private HostWord Word() => new(_leaving ? HostState.Leaving : InCharge is null ? HostState.Standby : HostState.Active)
    {
        Live = LiveCoordinators.Of(LiveOf),
        Notice = _notice,
    };

    private int LiveOf(RowKind kind) => _turns?.Current?.LiveOf(kind) ?? 0;

    /// <summary>Says from now on that this host has been told to leave. Hand over, or dispose it.</summary>
    /// <param name="notice">What told it, such as <c>SIGTERM</c>.</param>
    internal void TakeNotice(string notice)
    {
        (_notice, _leaving) = (notice, true);
        _board?.Tell();
    }

    /// <summary>
    /// Ends the API and hands over. A host that stands by serves until it has handed over; any other one gives the calls in progress a moment before it
    /// does. From here until it is disposed there is one deadline: what does not end is left as it is after that, for the next host.
    /// </summary>
    /// <param name="server">Its API.</param>
    /// <param name="notice">What told it, such as <c>SIGTERM</c>.</param>
    public async Task LeaveAsync(IAsyncDisposable server, string notice)
    {
        TakeNotice(notice);
        if (_options.StandBy) await HandOverAsync();
        var serving = Task.Run(async () => await server.DisposeAsync());
        await EndsInTimeAsync(serving, s_kept.FirstCalls);
        await HandOverAsync();
        await EndsInTimeAsync(serving, s_kept.Calls);
    }

    /// <summary>
    /// Hands over and takes charge no more; what is asked of this host then goes to the next one. Running tasks are ended within a few seconds,
    /// and count as lost with their host when another one, or this one again, takes over. Their last checkpoints are recorded. A PostgreSQL that does not
    /// answer is not waited for any longer than the drain may take.
    /// </summary>
    private async Task HandOverAsync()
    {
        _leaving = true;
        _board?.Tell();
        if (_turns is not { } turns) return;
        var hasPlace = turns.HasPlace;
        // some of it waits without giving way to others
        if (!await EndsInTimeAsync(Task.Run(async () => await turns.DisposeAsync()), s_kept.HandOver) && hasPlace) _journal.Say(s_notHandedOver);
    }

    /// <summary>Stops; hands over first, unless that has been done.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await HandOverAsync();
        await EndsInTimeAsync(Task.Run(async () => await _cleanUp.DisposeAsync()), TimeSpan.Zero);
        // a private one ends with its host, however long a slow disk takes; it has a limit of its own
        if (_database is not null) await _database.DisposeAsync();
        _journal.Dispose();
    }

    // A part that fails, or is not over in time, must not keep the others from theirs.
    private async Task<bool> EndsInTimeAsync(Task work, TimeSpan kept)
    {
        try
        {
            await _deadline.Value.WaitAsync(work, kept);
            return true;
        }
        catch (Exception e)
        {
            _journal.Note("leaving", e.ToString());
            return false;
        }
    }

    private async Task RunAsync(IExecutionBackend? backend, IProgress<string>? progress, CancellationToken cancellation)
    {
        var database = _database = await Database.HostAsync(_folder, _options.ConnectionString, new ServerNews(_journal, progress), cancellation);
        await new Migrator().MigrateAsync(database.ConnectionString, migration => _journal.Note("migration", $"{migration.Number} {migration.Name}"), cancellation);
        var connections = _connections = _cleanUp.Add(new PostgresConnections(database.ConnectionString, HostName.Create(Engine.Suffix(Guid.NewGuid()))));
        (Installation, _secret) = await ReplicaTable.ReadIdentityAsync(connections, cancellation);
        var queries = new PostgresQueries(connections);
        (Queries, Pages) = (queries, queries);
        var relaying = _cleanUp.Add(Relaying.Start(connections, Changes, toOthers: _options.StandBy, _journal, TimeProvider.System));
        if (Measuring.Start(_options.Measured, connections.HostId, Installation, Facts) is { } telemetry) Telemetry = _cleanUp.Add(telemetry);
        var observer = Telemetry?.Around(_journal) ?? _journal;
        var processes = new LocalProcesses(_folder, _store, _journal, relaying.Progress, NoteIncident, Telemetry is null ? null : Telemetry.Traceparent);
        var parts = new TenureParts
        {
            Connections = connections,
            StartBackend = cleanUp => backend ?? processes.Start(cleanUp),
            Store = _store,
            Logs = _logs,
            Changes = Changes,
            Journal = _journal,
            Observer = observer,
            Began = () => Telemetry?.Meter.Host.TookCharge(),
            Options = _options,
            First = _options.First is { } first ? (peers, stop) => first(peers, queries, stop) : null,
        };
        _turns = new Turns(parts, () => _board?.Tell());
        if (_options.StandBy)
        {
            var link = _cleanUp.Add(new PeerLink(new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }), _secret, TimeProvider.System));
            Peers = new SwitchingPeers(
                () => InCharge, stop => ReplicaTable.FindActiveAsync(connections, stop), link, () => Guid.NewGuid().ToString(), TimeProvider.System);
            _turns.Begin();
            return;
        }

        var tenure = await _turns.TakeAsync(cancellation);
        tenure.Lost.Register(() => observer.Fenced("its registration was taken over"));
        (Peers, Fenced) = (tenure.Peers, tenure.Lost);
    }

    private HostFacts Facts() => new()
    {
        Live = LiveOf,
        Queued = () => _turns?.Current?.QueuedSteps ?? 0,
        InCharge = () => InCharge is not null,
        Pools = Queries.ListPoolsAsync,
    };

    private sealed class ServerNews(HostJournal journal, IProgress<string>? progress) : IProgress<ServerNotice>
    {
        public void Report(ServerNotice value)
        {
            journal.Report(value);
            if (value.State == ServerState.Creating) progress?.Report(value.Message);
        }
    }
}
