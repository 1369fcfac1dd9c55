using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

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

    /// <summary>Where coordinators run.</summary>
    public required IMailboxes Mailboxes { get; init; }

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

    /// <summary>How steps are gathered.</summary>
    public GroupCommitOptions Commit { get; init; } = new();

    /// <summary>How often the backstop looks. Default one second.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often rows are compared with what the backend lists. Default 30 seconds.</summary>
    public TimeSpan ReconcileInterval { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// The coordinators of one process with what drives them: the group committer, timers, the sweep, and the backend's observations.
/// The embedded host and the simulation run this same code. Thread-safe.
/// </summary>
public sealed class Engine : IDisposable
{
    private readonly EngineParts _parts;
    private readonly GroupCommitter _committer;
    private readonly TimerWakeUps _wakeUps;
    private readonly LocalPeers _peers;
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
        _peers = new LocalPeers(parts.Mailboxes, Create);
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

    /// <summary>Completes when what the last host left has been taken up.</summary>
    public Task Recovered => _recovered.Task;

    /// <summary>How many coordinators are in memory.</summary>
    public int LiveCoordinators => _peers.Count;

    /// <summary>Runs until the host stops.</summary>
    public async Task RunAsync()
    {
        var committing = KeepRunningAsync("group committer", () => _committer.RunAsync(_services.Stopping));
        try
        {
            await GiveFirstAsync();
            await RecoverAsync();
            _recovered.TrySetResult();
        }
        catch (Exception e)
        {
            _recovered.TrySetException(e);
            throw;
        }

        await Task.WhenAll(
            committing,
            KeepRunningAsync("observations", ObserveAsync),
            KeepRunningAsync("sweep", SweepAsync),
            KeepRunningAsync("reconciler", ReconcileAsync));
    }

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
    private async Task KeepRunningAsync(string name, Func<Task> loop)
    {
        while (!_services.Stopping.IsCancellationRequested)
        {
            try
            {
                await loop();
                return;
            }
            catch (OperationCanceledException) when (_services.Stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _parts.Observer.Defect(name, e);
            }

            await Task.Delay(_parts.SweepInterval, _parts.Time, _services.Stopping);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wakeUps.Dispose();

    /// <summary>A few random characters for the id of a run.</summary>
    public static string Suffix(Guid chance) => string.Concat(chance.ToByteArray().Take(5).Select(b => "abcdefghjkmnpqrstuvwxyz23456789x"[b & 31]));

    private Coordinator Create(RowKey row) => row.Kind switch
    {
        RowKind.Dag => new DagCoordinator(_services, new DagId(row.Id), () => Suffix(_parts.NewGuid())),
        RowKind.Run => new DagRunCoordinator(_services, new RunId(row.Id)),
        RowKind.Task => new TaskInstanceCoordinator(_services, row.AsTask()),
        _ => new PoolCoordinator(_services, row.Id),
    };

    // Attempts first: what the last host left must be known to be alive or gone before anything is launched in its place.
    private async Task RecoverAsync()
    {
        var live = await WhenStoreAnswersAsync(() => _parts.Reader.ReadLiveAttemptsAsync(null, _services.Stopping));
        var attempts = new List<LiveAttempt>(live.Count);
        foreach (var attempt in live)
        {
            var frame = await WhenStoreAnswersAsync(() => _services.Catalog.FindAsync(attempt.Key.Task.Run, _services.Stopping));
            attempts.Add(new LiveAttempt(frame!.Header.Dag, attempt));
        }

        var known = await _parts.Backend.AdoptAsync(attempts, _services.Stopping);
        foreach (var status in known) await _peers.Task(status.Attempt.Task).ObserveAsync(status, _services.Stopping);
        var seen = known.Select(status => status.Attempt).ToHashSet();
        foreach (var attempt in live.Where(attempt => !seen.Contains(attempt.Key)))
            Wake(RowKey.Of(attempt.Key.Task), null);

        const int page = 500;
        var after = (RunId?)null;
        while (true)
        {
            var from = after;
            var runs = await WhenStoreAnswersAsync(() => _parts.Reader.ReadLiveRunsAsync(from, page, _services.Stopping));
            foreach (var run in runs) Wake(RowKey.Of(run), null);
            if (runs.Count < page) return;
            after = runs[^1];
        }
    }

    private async Task ObserveAsync()
    {
        await foreach (var status in _parts.Backend.ObserveAsync(_services.Stopping))
            Post(_peers.Task(status.Attempt.Task).ObserveAsync(status, _services.Stopping), status.Attempt.ToString());
    }

    private async Task SweepAsync()
    {
        const int auditEvery = 60;
        const int forgetEvery = 600;
        for (var round = 1; ; round++)
        {
            await Task.Delay(_parts.SweepInterval, _parts.Time, _services.Stopping);
            try
            {
                await _sweep.OnceAsync(_services.Stopping);
                if (round % auditEvery == 0) await _sweep.AuditAsync(_services.Stopping);
                if (round % forgetEvery == 1) await _sweep.ForgetRequestsAsync(_services.Stopping);
            }
            catch (StoreException e)
            {
                _parts.Observer.StoreUnavailable(e.Message);
            }
        }
    }

    private async Task ReconcileAsync()
    {
        while (true)
        {
            await Task.Delay(_parts.ReconcileInterval, _parts.Time, _services.Stopping);
            try
            {
                foreach (var (row, deliver) in await _reconciler.OnceAsync(_services.Stopping)) Post(deliver(), row.ToString());
            }
            catch (StoreException e)
            {
                _parts.Observer.StoreUnavailable(e.Message);
            }
        }
    }

    private async Task<T> WhenStoreAnswersAsync<T>(Func<Task<T>> read)
    {
        while (true)
        {
            try
            {
                return await read();
            }
            catch (StoreException e)
            {
                _parts.Observer.StoreUnavailable(e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(500), _parts.Time, _services.Stopping);
            }
        }
    }

    private void Wake(RowKey row, long? version) => Post(_peers.WakeAsync(row, version, _services.Stopping), row.ToString());

    private async void Post(Task delivery, string subject)
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
