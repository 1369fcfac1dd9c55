using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Execution.LocalProcess;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Silo.Settings;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.PrivatePostgres;
using OrleansFlow.Standalone.Replicas;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Storage.Postgres.Migrations;
using OrleansFlow.Storage.Postgres.Reading;
using OrleansFlow.Telemetry;
using OrleansFlow.Telemetry.Instruments;
using Engine = OrleansFlow.Scheduling.Hosting.Engine;
using HostOptions = OrleansFlow.Storage.Postgres.Hosts.HostOptions;

namespace OrleansFlow.Silo.Hosting;

/// <summary>
/// One host of a cluster: the composition root of a silo with PostgreSQL, local processes, and folders that all silos see. Thread-safe.
/// </summary>
public sealed class ClusterHost : IServedHost, IAsyncDisposable
{
    private const string HeldForDead = "The other silos hold this one for dead and have gone on without it: it ends.";

    private const string NotHandedOver =
        "this silo ends before it has handed over all that it had: the other silos put it out, and go on with its runs, as soon as PostgreSQL answers";

    /// <summary>
    /// What is kept of the drain when the tasks that still run are killed; when they are waited for no longer; when what they left to say is said; and when
    /// all grains are handed over: then the seat, the sessions and the telemetry are left.
    /// </summary>
    private static readonly (TimeSpan Kill, TimeSpan Tasks, TimeSpan Words, TimeSpan Grains) s_kept =
        (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(1));

    private static readonly TimeSpan FencedLimit = TimeSpan.FromSeconds(1);
    private readonly CleanUp _cleanUp = new();
    private readonly CancellationTokenSource _useless = new();
    private readonly CancellationTokenSource _fenced = new();
    private readonly CancellationTokenSource _noLeader = new();
    private readonly DataFolder _folder;
    private readonly SiloSettings _settings;
    private readonly HostJournal _journal;
    private readonly LocalLogStore _logs;
    private readonly LocalFolderStore _store;
    private PostgresConnections? _connections;
    private LocalProcessBackend? _local;
    private ClusterSeat? _seat;
    private IHost? _silo;
    private Members? _members;
    private volatile Scheduling.Hosting.Engine? _engine;
    private ReplicaBoard? _board;
    private Task _leading = Task.CompletedTask;
    private Deadline _deadline = new(Deadline.Drain, TimeProvider.System);
    private volatile string? _notice;
    private int _left, _disposed;

    private ClusterHost(DataFolder folder, SiloSettings settings)
    {
        (_folder, _settings) = (folder, settings);
        _journal = new HostJournal(Path.Combine(folder.Logs, "host.log"), HeldForDead, TimeProvider.System, settings.Server.Host.JsonLog);
        var shared = settings.Server.Host.SharedFolder!;
        _logs = new LocalLogStore(Path.Combine(shared, "logs"), TimeProvider.System);
        _store = new LocalFolderStore(Path.Combine(shared, "artifacts"), _logs, TimeProvider.System);
        Fenced = _fenced.Token;
        Useless = _useless.Token;
    }

    /// <inheritdoc/>
    public IPeers Peers { get; private set; } = null!;

    /// <inheritdoc/>
    public IQueries Queries { get; private set; } = null!;

    /// <inheritdoc/>
    public IPagedQueries Pages { get; private set; } = null!;

    /// <inheritdoc/>
    public ILogStore Logs => _logs;

    /// <inheritdoc/>
    public IArtifactStore Artifacts => _store;

    /// <inheritdoc/>
    public RowChanges Changes { get; } = new();

    /// <inheritdoc/>
    public Guid Installation => _seat!.Installation;

    /// <inheritdoc/>
    public string DataFolder => _folder.Root;

    /// <inheritdoc/>
    public CancellationToken Useless { get; }

    /// <summary>Cancelled when the others go on without this host: it ends.</summary>
    public CancellationToken Fenced { get; }

    /// <inheritdoc/>
    public (bool Serving, string Detail) Engine =>
        _fenced.IsCancellationRequested ? (false, "the other silos hold this one for dead and have gone on without it; it ends")
        : _left != 0 ? (false, "this silo hands over and ends")
        : (true, "");

    /// <inheritdoc/>
    public PeerDoor? Door => null;

    /// <inheritdoc/>
    public HostTelemetry? Telemetry { get; private set; }

    /// <summary>What the host has to say to people, as it happens.</summary>
    public IAsyncEnumerable<string> NoticesAsync(CancellationToken cancellation) => _journal.NoticesAsync(cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RegisteredHost>> ListHostsAsync(CancellationToken cancellation) => HostRegistry.ListAsync(_connections!, cancellation);

    /// <inheritdoc/>
    public string NoteIncident(string subject, Exception exception) => _journal.NoteIncident(subject, exception);

    /// <inheritdoc/>
    public void Note(string kind, string text) => _journal.Note(kind, text);

    /// <summary>Starts a silo, and returns when it has joined the cluster and takes work.</summary>
    /// <param name="settings">What to start with.</param>
    /// <param name="cancellation">Gives up; what was started is stopped again.</param>
    /// <exception cref="HostStartException">It cannot start; the message says why and what to do.</exception>
    /// <exception cref="AnotherHostException">The embedded engine is in charge of the database.</exception>
    /// <exception cref="MigrationException">The database cannot be brought to this program's schema.</exception>
    /// <exception cref="StoreException">The database is away.</exception>
    public static async Task<ClusterHost> StartAsync(SiloSettings settings, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var host = new ClusterHost(Standalone.DataFolders.DataFolder.Open(settings.Server.Host.DataFolder), settings);
        try
        {
            await host.RunAsync(cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task AnnounceAsync(string address)
    {
        var table = new ReplicaTable(_connections!, ClusterSeat.Engine, address, ProgramVersion.Text);
        var board = _cleanUp.Add(new ReplicaBoard(table, Word, _journal.StoreAvailable, TimeProvider.System));
        _board = board;
        return board.StartAsync();
    }

    /// <summary>
    /// Hands over: what starts from now on starts elsewhere; what runs here is ended within a few seconds and goes on elsewhere; then the silo leaves. A
    /// host that was fenced ends what runs here, at once. From here until it is disposed there is one deadline: whatever does not end is left as it is
    /// after that, for the others to put out.
    /// </summary>
    /// <param name="server">Its API, which ends meanwhile; null: it has none.</param>
    /// <param name="notice">What told it to, such as <c>SIGTERM</c>; null: nobody did.</param>
    public async Task LeaveAsync(IAsyncDisposable? server, string? notice = null)
    {
        _notice ??= notice;
        if (Interlocked.Exchange(ref _left, 1) != 0) return;
        _deadline = new Deadline(Deadline.Drain, TimeProvider.System);
        if (_members is { } members) members.Leaving = true;
        _board?.Tell();
        // Some of those who hear of it withdraw statements, which a PostgreSQL that hangs makes them wait for.
        var told = Task.WhenAll(_useless.CancelAsync(), _noLeader.CancelAsync());
        var serving = Task.Run(async () =>
        {
            if (server is not null) await server.DisposeAsync();
        });
        await EndTasksAsync();
        var handedOver = await TryAsync(async () =>
        {
            using var limit = new CancellationTokenSource(_fenced.IsCancellationRequested ? FencedLimit : _deadline.LeftBut(s_kept.Grains), TimeProvider.System);
            await _leading.WaitAsync(limit.Token);
            if (_silo is not null) await _deadline.WaitAsync(_silo.StopAsync(limit.Token), s_kept.Grains);
            limit.Token.ThrowIfCancellationRequested();
        });
        if (!handedOver && !_fenced.IsCancellationRequested) _journal.Say(NotHandedOver);
        await TryAsync(() => _deadline.WaitAsync(Task.WhenAll(told, serving), s_kept.Grains));
    }

    /// <summary>Stops; leaves first, unless that has been done.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await LeaveAsync(null);
        // some of it waits without giving way to others
        await TryAsync(() => _deadline.WaitAsync(Task.Run(EndAsync), TimeSpan.Zero));
    }

    private async Task EndAsync()
    {
        await _cleanUp.DisposeAsync();
        _journal.Dispose();
        _noLeader.Dispose();
        _useless.Dispose();
        _fenced.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        var options = _settings.Server.Host;
        var database = _cleanUp.Add(await Database.HostAsync(_folder, options.ConnectionString, new Progress<ServerNotice>(), cancellation));
        await new Migrator().MigrateAsync(database.ConnectionString, migration => _journal.Note("migration", $"{migration.Number} {migration.Name}"), cancellation);
        _connections = _cleanUp.Add(new PostgresConnections(database.ConnectionString, HostName.Create(Scheduling.Hosting.Engine.Suffix(Guid.NewGuid()))));
        var (installation, secret) = await ReplicaTable.ReadIdentityAsync(_connections, cancellation);
        var queries = new PostgresQueries(_connections);
        (Queries, Pages) = (queries, queries);
        var relaying = _cleanUp.Add(Relaying.Start(_connections, Changes, toOthers: true, _journal, TimeProvider.System));

        // disposed after the seat: its last words may take long
        var telemetry = Telemetry = _cleanUp.Add(Measuring.Start(shown: true, _connections.HostId, installation, Facts)!);
        _seat = _cleanUp.Add(await ClusterSeat.TakeAsync(_connections, new HostOptions(), TimeProvider.System, cancellation));
        _seat.Lost.Register(() => Fence("its seat was taken away"));
        _local = new LocalProcesses(_folder, _store, _journal, relaying.Progress, NoteIncident, telemetry.Traceparent).Start(_cleanUp);
        await _local.AdoptAsync([], cancellation);
        var executor = new PostgresBatchExecutor(_connections, _seat.Epoch);
        if (options.Parallelism is { } parallelism) await executor.ExecuteAsync([Limit(parallelism)], cancellation);
        _silo = _cleanUp.Add(new SiloBuilding
        {
            Settings = _settings,
            ConnectionString = database.ConnectionString,
            HostId = _connections.HostId,
            ClusterId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))),
            Seat = _seat,
            Local = _local,
            Executor = new WatchedExecutor(executor, Changes),
            Reader = new PostgresStateReader(_connections),
            Artifacts = _store,
            Journal = _journal,
            Observer = telemetry.Around(_journal),
            Traced = telemetry.IsTracing,
            Fatal = Fence,
        }.Build());
        _members = _silo.Services.GetRequiredService<Members>();
        _members.Begin();
        await _silo.StartAsync(cancellation);
        Peers = _silo.Services.GetRequiredService<IPeers>();
        _engine = _silo.Services.GetRequiredService<Engine>();
        telemetry.Meter.Host.TookCharge();
        Lead(_silo.Services);
    }

    private void Lead(IServiceProvider services)
    {
        var reader = services.GetRequiredService<IStateReader>();
        var outbox = new OutboxPump(reader, _cleanUp.Add(new HttpClient()), TimeProvider.System, _journal);
        var housekeeping = new Housekeeping(
            reader, _store, _logs, _settings.Server.Host.LogRetention, TimeProvider.System, Random.Shared.NextDouble, _journal);
        var engine = services.GetRequiredService<Engine>();
        var work = new LeadersWork
        {
            PutOut = _seat!.PutOutAsync,
            Lead = engine.LeadAsync,
            Recover = engine.RecoverAsync,
            Chores = [outbox.RunAsync, housekeeping.RunAsync],
        };
        var leading = _cleanUp.Add(new Leading(
            _members!, _seat.Epoch, work, _journal, text => _journal.Note("cluster", text), TimeProvider.System));
        _leading = Task.Run(() => leading.RunAsync(_noLeader.Token), CancellationToken.None);
    }

    private HostFacts Facts() => new()
    {
        Live = LiveOf,
        Queued = () => _engine?.QueuedSteps ?? 0,
        InCharge = () => _left == 0 && !_fenced.IsCancellationRequested,
        Pools = Queries.ListPoolsAsync,
    };

    private int LiveOf(RowKind kind) => _engine?.LiveOf(kind) ?? 0;

    private HostWord Word() => new(_left != 0 ? HostState.Leaving : HostState.Active) { Live = LiveCoordinators.Of(LiveOf), Notice = _notice };

    private void Fence(string why)
    {
        if (_left != 0 || _fenced.IsCancellationRequested) return;
        _journal.Fenced(why);
        _fenced.Cancel();
        _useless.Cancel();
    }

    // While the grains of this silo still commit. Whatever goes wrong, the leader finds out what became of them.
    private Task EndTasksAsync() => _local is not { } local ? Task.CompletedTask : TryAsync(async () =>
    {
        using var late = new CancellationTokenSource(_deadline.LeftBut(s_kept.Kill), TimeProvider.System);
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _fenced.Token);
        var last = local.LeaveAsync(hurry.Token);
        await _deadline.WaitAsync(last, s_kept.Tasks);
        if (_fenced.IsCancellationRequested || Peers is null) return;
        using var limit = new CancellationTokenSource(_deadline.LeftBut(s_kept.Words), TimeProvider.System);
        await Task.WhenAll((await last).Select(status => Peers.Task(status.Attempt.Task).ObserveAsync(status, limit.Token)));
    });

    // A part that fails, or is not over in time, must not keep the others from theirs.
    private async Task<bool> TryAsync(Func<Task> part)
    {
        try
        {
            await part();
            return true;
        }
        catch (Exception e)
        {
            _journal.Note("leaving", e.ToString());
            return false;
        }
    }

    private static Step Limit(int parallelism) => new()
    {
        Anchor = RowKey.OfPool(LimitKeys.Global),
        Writes = [new SetLimit(LimitKeys.Global, parallelism)],
    };
}
