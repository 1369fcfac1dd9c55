using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Waiting;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>What an engine is made of.</summary>
public sealed record EngineParts
{
    /// <summary>Executes batches.</summary>
    public required IBatchExecutor Executor { get; init; }

    /// <summary>Loads rows.</summary>
    public required IStateReader Reader { get; init; }

    /// <summary>Runs attempts.</summary>
    public required IExecutionBackend Backend { get; init; }

    /// <summary>Where attempts left what is too large for rows.</summary>
    public required IArtifactReader Artifacts { get; init; }

    /// <summary>Where coordinators run, when the engine keeps them in its own process. Null where <see cref="Peers"/> is given.</summary>
    public IMailboxes? Mailboxes { get; init; }

    /// <summary>
    /// How coordinators are reached, when the host keeps them itself: it makes them with <see cref="Engine.Create"/>, as grains for instance.
    /// Null: the engine keeps them.
    /// </summary>
    public IPeers? Peers { get; init; }

    /// <summary>Compiles a stored DAG version.</summary>
    public required Func<DagVersion, DagGraph> Compile { get; init; }

    /// <summary>Time.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Chance.</summary>
    public required Func<Guid> NewGuid { get; init; }

    /// <summary>Who hears of defects.</summary>
    public required IEngineObserver Observer { get; init; }

    /// <summary>
    /// A command that is given before what the last host left is taken up: a cancel must not find that lost tasks have started anew. It gives it
    /// again afterwards if it failed. Null: none.
    /// </summary>
    public Func<IPeers, CancellationToken, Task>? First { get; init; }

    /// <summary>
    /// Of unfinished attempts those that a host left that is no more; the others are somebody's who lives, and go on. Null, for a host alone: all of them.
    /// </summary>
    public Func<IReadOnlyList<Attempt>, CancellationToken, Task<IReadOnlyList<Attempt>>>? FindLeft { get; init; }

    /// <summary>How steps are gathered.</summary>
    public GroupCommitOptions Commit { get; init; } = new();

    /// <summary>How often the backstop looks. Default one second.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often rows are compared with what the backend lists. Default 30 seconds.</summary>
    public TimeSpan ReconcileInterval { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// The coordinators of one process with what drives them: the group committer, timers, the sweep, and the backend's observations.
/// The embedded host, the silos and the simulation run this same code. A host alone runs all of it (<see cref="RunAsync"/>); of several
/// hosts each commits and listens (<see cref="CommitAsync"/>, <see cref="ListenAsync"/>), and one leads (<see cref="LeadAsync"/>). Thread-safe.
/// </summary>
public sealed class Engine : IDisposable
{
    // How many of the coordinators that a lost host had are loaded at once.
    private const int Abreast = 200;
    private readonly EngineParts _parts;
    private readonly GroupCommitter _committer;
    private readonly TimerWakeUps _wakeUps;
    private readonly IPeers _peers;
    private readonly int[] _live = new int[(int)Enum.GetValues<RowKind>().Max() + 1];
    private readonly SchedulingServices _services;
    private readonly Sweep _sweep;
    private readonly Reconciler _reconciler;
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Puts an engine together; nothing runs yet.</summary>
    /// <param name="parts">What it is made of.</param>
    /// <param name="stopping">Cancelled when the host stops.</param>
    public Engine(EngineParts parts, CancellationToken stopping)
    {
        _parts = parts;
        _committer = new GroupCommitter(parts.Executor, parts.Time, parts.Observer, parts.Commit);
        _wakeUps = new TimerWakeUps(parts.Time, (row, version) => Wake(row, version));
        var local = (LocalPeers?)null;
        if (parts.Peers is null)
            local = new LocalPeers(parts.Mailboxes ?? throw new ArgumentException("coordinators need mailboxes, or peers of the host's", nameof(parts)), Create, Dropped);
        _peers = parts.Peers ?? local!;
        _sweep = new Sweep(parts.Reader, _peers, parts.Time, parts.Observer);
        _reconciler = new Reconciler(parts.Reader, parts.Backend, _peers, parts.Time);
        _services = new SchedulingServices
        {
            Store = _committer,
            Reader = parts.Reader,
            Peers = _peers,
            Backend = parts.Backend,
            Artifacts = parts.Artifacts,
            WakeUps = _wakeUps,
            Catalog = new RunCatalog(parts.Reader, parts.Compile),
            Time = parts.Time,
            NewGuid = parts.NewGuid,
            Observer = parts.Observer,
            Stopping = stopping,
        };
    }

    /// <summary>How to reach the coordinators.</summary>
    public IPeers Peers => _peers;

    /// <summary>What is known of runs and versions.</summary>
    public RunCatalog Catalog => _services.Catalog;

    /// <summary>Completes when what the last host left has been taken up.</summary>
    public Task Recovered => _recovered.Task;

    /// <summary>How many coordinators are in memory here, the engine's own or the host's.</summary>
    public int LiveCoordinators => Enum.GetValues<RowKind>().Sum(LiveOf);

    /// <summary>How many coordinators of a kind of row are in memory here.</summary>
    public int LiveOf(RowKind kind) => Volatile.Read(ref _live[(int)kind]);

    /// <summary>How many steps wait to be committed.</summary>
    public int QueuedSteps => _committer.Queued;

    /// <summary>Makes the coordinator of a row, for a host that keeps coordinators itself. It loads nothing before its first message.</summary>
    public Coordinator Create(RowKey row)
    {
        Interlocked.Increment(ref _live[(int)row.Kind]);
        return row.Kind switch
        {
            RowKind.Dag => new DagCoordinator(_services, new DagId(row.Id), () => Suffix(_parts.NewGuid())),
            RowKind.Run => new DagRunCoordinator(_services, new RunId(row.Id)),
            RowKind.Task => new TaskInstanceCoordinator(_services, row.AsTask()),
            _ => new PoolCoordinator(_services, row.Id),
        };
    }

    /// <summary>A coordinator that the host kept is gone from here: no timer of it may ring any more.</summary>
    public void Forget(RowKey row)
    {
        Dropped(row);
        _wakeUps.Set(row, null, 0);
    }

    private void Dropped(RowKey row) => Interlocked.Decrement(ref _live[(int)row.Kind]);

    /// <summary>Runs alone until the host stops: serves and leads.</summary>
    public async Task RunAsync()
    {
        var committing = CommitAsync();
        try
        {
            await GiveFirstAsync();
            await RecoverAsync(_services.Stopping);
        }
        catch (Exception e)
        {
            _recovered.TrySetException(e);
            throw;
        }

        await Task.WhenAll(committing, ListenAsync(_services.Stopping), DriveAsync(_services.Stopping));
    }

    /// <summary>
    /// The one of several hosts that drives what nobody else would: takes up what was left, then sweeps and reconciles until it is cancelled or the
    /// host stops. May be called again after that. Two that lead at once do no harm, only needless work.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled before it had taken up everything.</exception>
    public async Task LeadAsync(CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _services.Stopping);
        await RecoverAsync(both.Token);
        await DriveAsync(both.Token);
    }

    /// <summary>Of several hosts each: commits what its coordinators decide, until the host stops.</summary>
    public Task CommitAsync() => KeepRunningAsync("group committer", () => _committer.RunAsync(_services.Stopping), _services.Stopping);

    /// <summary>Of several hosts each: hears its backend, until it is cancelled.</summary>
    public Task ListenAsync(CancellationToken cancellation) => KeepRunningAsync("observations", () => ObserveAsync(cancellation), cancellation);

    private Task DriveAsync(CancellationToken cancellation) => Task.WhenAll(
        KeepRunningAsync("sweep", () => SweepAsync(cancellation), cancellation),
        KeepRunningAsync("reconciler", () => ReconcileAsync(cancellation), cancellation));

    private async Task GiveFirstAsync()
    {
        if (_parts.First is not { } first) return;
        try
        {
            await first(_peers, _services.Stopping);
        }
        catch (Exception e) when (e is not OperationCanceledException || !_services.Stopping.IsCancellationRequested)
        {
            // whoever wants it gives it again, and hears then what is wrong with it
            _parts.Observer.Defect("first command", e);
        }
    }

    // What drives the coordinators must not stop by itself while the host is up.
    private async Task KeepRunningAsync(string name, Func<Task> loop, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await loop();
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _parts.Observer.Defect(name, e);
            }

            await Task.Delay(_parts.SweepInterval, _parts.Time, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wakeUps.Dispose();

    /// <summary>A few random characters for the id of a run.</summary>
    public static string Suffix(Guid chance) => string.Concat(chance.ToByteArray().Take(5).Select(b => "abcdefghjkmnpqrstuvwxyz23456789x"[b & 31]));

    /// <summary>
    /// Takes up what a host left that is no more: finds its attempts again, and wakes its unfinished runs, whoever has them now. Also of use
    /// while leading, when another host was lost. Waits for the store as long as it takes.
    /// </summary>
    /// <remarks>Attempts first: what was left must be known to be alive or gone before anything is launched in its place.</remarks>
    public async Task RecoverAsync(CancellationToken cancellation)
    {
        var live = await WhenStoreAnswersAsync(() => _parts.Reader.ReadLiveAttemptsAsync(null, cancellation), cancellation);
        if (_parts.FindLeft is { } find) live = await WhenStoreAnswersAsync(() => find(live, cancellation), cancellation);
        var pace = new Turnstile(Abreast);
        var dags = (await Task.WhenAll(live.Select(attempt => attempt.Key.Task.Run).Distinct().Select(run => FindDagAsync(run, pace, cancellation)))).ToDictionary();
        var known = await _parts.Backend.AdoptAsync(
            [.. live.Select(attempt => dags[attempt.Key.Task.Run] is { } dag ? new LiveAttempt(dag, attempt) : null).OfType<LiveAttempt>()], cancellation);
        await Task.WhenAll(known.Select(status => PostAsync(
            PacedAsync(pace, () => _peers.Task(status.Attempt.Task).ObserveAsync(status, cancellation), cancellation), status.Attempt.ToString())));
        var seen = known.Select(status => status.Attempt).ToHashSet();
        foreach (var attempt in live.Where(attempt => !seen.Contains(attempt.Key))) TakeUp(pace, RowKey.Of(attempt.Key.Task), cancellation);

        const int page = 500;
        var after = (RunId?)null;
        while (true)
        {
            var from = after;
            var runs = await WhenStoreAnswersAsync(() => _parts.Reader.ReadLiveRunsAsync(from, page, cancellation), cancellation);
            foreach (var run in runs) TakeUp(pace, RowKey.Of(run), cancellation);
            if (runs.Count < page) break;
            after = runs[^1];
        }

        _recovered.TrySetResult();
    }

    // Null: it cannot be read.
    private async Task<(RunId Run, DagId? Dag)> FindDagAsync(RunId run, Turnstile pace, CancellationToken cancellation)
    {
        await pace.PassAsync(cancellation);
        try
        {
            return (run, (await WhenStoreAnswersAsync(() => _services.Catalog.FindAsync(run, cancellation), cancellation))!.Header.Dag);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // a version that only a newer program can read, for instance: it is in nobody else's way
            _parts.Observer.Defect($"taking up {run}", e);
            return (run, null);
        }
        finally
        {
            pace.Release();
        }
    }

    private async Task ObserveAsync(CancellationToken cancellation)
    {
        await foreach (var status in _parts.Backend.ObserveAsync(cancellation))
            Post(_peers.Task(status.Attempt.Task).ObserveAsync(status, _services.Stopping), status.Attempt.ToString());
    }

    private async Task SweepAsync(CancellationToken cancellation)
    {
        const int auditEvery = 60;
        const int forgetEvery = 600;
        for (var round = 1; ; round++)
        {
            await Task.Delay(_parts.SweepInterval, _parts.Time, cancellation);
            try
            {
                await _sweep.OnceAsync(cancellation);
                if (round % auditEvery == 0) await _sweep.AuditAsync(cancellation);
                if (round % forgetEvery == 1) await _sweep.ForgetRequestsAsync(cancellation);
            }
            catch (StoreException e)
            {
                _parts.Observer.StoreUnavailable(e.Message);
            }
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(_parts.ReconcileInterval, _parts.Time, cancellation);
            try
            {
                foreach (var (row, deliver) in await _reconciler.OnceAsync(cancellation)) Post(deliver(), row.ToString());
            }
            catch (StoreException e)
            {
                _parts.Observer.StoreUnavailable(e.Message);
            }
            catch (PeerUnavailableException)
            {
                // nothing can be told from a list that is not whole; the next one may be
            }
        }
    }

    private async Task<T> WhenStoreAnswersAsync<T>(Func<Task<T>> read, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await read();
            }
            catch (StoreException e) when (e.MayPass)
            {
                _parts.Observer.StoreUnavailable(e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(500), _parts.Time, cancellation);
            }
        }
    }

    private void TakeUp(Turnstile pace, RowKey row, CancellationToken cancellation) =>
        Post(PacedAsync(pace, () => _peers.WakeAsync(row, null, cancellation), cancellation), row.ToString());

    private static async Task PacedAsync(Turnstile pace, Func<Task> work, CancellationToken cancellation)
    {
        await pace.PassAsync(cancellation);
        try
        {
            await work();
        }
        finally
        {
            pace.Release();
        }
    }

    private void Wake(RowKey row, long? version) => Post(_peers.WakeAsync(row, version, _services.Stopping), row.ToString());

    private void Post(Task delivery, string subject) => _ = PostAsync(delivery, subject);

    private async Task PostAsync(Task delivery, string subject)
    {
        try
        {
            await delivery;
        }
        catch (Exception e) when (e is OperationCanceledException or FencedException)
        {
        }
        catch (Exception e)
        {
            _parts.Observer.Defect(subject, e);
        }
    }
}
