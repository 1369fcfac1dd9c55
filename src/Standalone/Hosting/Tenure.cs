using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Execution.LocalProcess;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>What a host brings into each time that it is in charge.</summary>
internal sealed record TenureParts
{
    /// <summary>Its connections.</summary>
    public required PostgresConnections Connections { get; init; }

    /// <summary>Makes the backend; each time in charge has one of its own.</summary>
    public required Func<CleanUp, IExecutionBackend> StartBackend { get; init; }

    /// <summary>Where attempts leave their files.</summary>
    public required LocalFolderStore Store { get; init; }

    /// <summary>Where they leave their logs.</summary>
    public required LocalLogStore Logs { get; init; }

    /// <summary>Hears of the rows that are committed.</summary>
    public required RowChanges Changes { get; init; }

    /// <summary>The host's log.</summary>
    public required HostJournal Journal { get; init; }

    /// <summary>Hears what the engine has to say: the log, and whoever measures.</summary>
    public required IEngineObserver Observer { get; init; }

    /// <summary>Called when a time in charge begins.</summary>
    public Action? Began { get; init; }

    /// <summary>See <see cref="EngineParts.First"/>.</summary>
    public Func<IPeers, CancellationToken, Task>? First { get; init; }

    /// <summary>What the host is started with.</summary>
    public required FlowHostOptions Options { get; init; }

    /// <summary>Time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>The time in which a host is in charge of a database: its fence, its backend, the engine, and what runs beside it. Thread-safe.</summary>
internal sealed class Tenure : IAsyncDisposable
{
    /// <summary>How long a leaving host tries to record what its tasks have left.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly TenureParts _parts;
    private readonly HostFence _fence;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CleanUp _cleanUp = new();
    private IExecutionBackend? _backend;
    private Engine? _engine;
    private Task _running = Task.CompletedTask;
    private int _disposed;

    private Tenure(TenureParts parts, HostFence fence) => (_parts, _fence) = (parts, fence);

    /// <summary>The coordinators.</summary>
    public IPeers Peers => _engine!.Peers;

    /// <summary>How many coordinators of a kind of row are in memory.</summary>
    public int LiveOf(RowKind kind) => _engine!.LiveOf(kind);

    /// <summary>How many steps wait to be committed.</summary>
    public int QueuedSteps => _engine!.QueuedSteps;

    /// <summary>Cancelled when another host has taken over: dispose it.</summary>
    public CancellationToken Lost => _fence.Lost;

    /// <summary>Whether it commits nothing more.</summary>
    public bool IsOver => Lost.IsCancellationRequested || _stopping.IsCancellationRequested;

    /// <summary>Begins: takes up what the last host left, and runs on.</summary>
    /// <param name="parts">What it is made of.</param>
    /// <param name="fence">The fence; disposed with the rest, also when this fails.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StoreException">The database is away.</exception>
    public static async Task<Tenure> StartAsync(TenureParts parts, HostFence fence, CancellationToken cancellation)
    {
        var tenure = new Tenure(parts, fence);
        try
        {
            await tenure.RunAsync(cancellation);
            return tenure;
        }
        catch
        {
            await tenure.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills what runs of a run, without a grace period.</summary>
    public async Task KillAsync(RunId run, CancellationToken cancellation)
    {
        foreach (var status in await _backend!.ListAsync(cancellation))
            if (status.Attempt.Task.Run == run)
                await _backend.StopAsync(status.Attempt, status.Uid, StopReason.Cancel, TimeSpan.Zero, cancellation);
    }

    /// <summary>
    /// Ends: running tasks are ended within a few seconds and count as lost with their host; their last checkpoints are recorded while this host
    /// is still in charge. Then the next host need not wait for anything.
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
            _parts.Journal.Defect("engine", e);
        }

        await _cleanUp.DisposeAsync();
        await _fence.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        _parts.Began?.Invoke();
        _backend = _parts.StartBackend(_cleanUp);
        var reader = new PostgresStateReader(_parts.Connections);
        var executor = new PostgresBatchExecutor(_parts.Connections, _fence.Epoch);
        var parallelism = new Step
        {
            Anchor = RowKey.OfPool(LimitKeys.Global),
            Writes = [new SetLimit(LimitKeys.Global, _parts.Options.Parallelism)],
        };
        await executor.ExecuteAsync([parallelism], cancellation);
        _engine = _cleanUp.Add(NewEngine(_backend, reader, new WatchedExecutor(executor, _parts.Changes)));
        var outbox = new OutboxPump(reader, _cleanUp.Add(new HttpClient()), _parts.Time, _parts.Journal);
        var housekeeping = new Housekeeping(
            reader, _parts.Store, _parts.Logs, _parts.Options.LogRetention, _parts.Time, Random.Shared.NextDouble, _parts.Journal);
        _running = Task.WhenAll(
            Task.Run(_engine.RunAsync, CancellationToken.None),
            Task.Run(() => outbox.RunAsync(_stopping.Token), CancellationToken.None),
            Task.Run(() => housekeeping.RunAsync(_stopping.Token), CancellationToken.None));
        await _engine.Recovered.WaitAsync(cancellation);
    }

    private Engine NewEngine(IExecutionBackend backend, PostgresStateReader reader, WatchedExecutor executor) => new(
        new EngineParts
        {
            Executor = executor,
            Reader = reader,
            Backend = backend,
            Artifacts = _parts.Store,
            Mailboxes = new Mailboxes(),
            Compile = DagCompiler.Compile,
            Time = _parts.Time,
            NewGuid = Guid.NewGuid,
            Observer = _parts.Observer,
            SweepInterval = _parts.Options.SweepInterval,
            First = _parts.First,
        },
        _stopping.Token);

    // While the engine still commits. Whatever goes wrong, the next host finds out by itself what became of them.
    private async Task EndTasksAsync()
    {
        if (_backend is not LocalProcessBackend local || _engine is null) return;
        try
        {
            var last = await local.LeaveAsync(_parts.Options.Hurry);
            if (Lost.IsCancellationRequested) return;
            await Task.WhenAll(last.Select(status => Peers.Task(status.Attempt.Task).ObserveAsync(status, _stopping.Token)))
                .WaitAsync(LastWords, _parts.Time);
        }
        catch (Exception e)
        {
            _parts.Journal.Note("leaving", e.ToString());
        }
    }
}
