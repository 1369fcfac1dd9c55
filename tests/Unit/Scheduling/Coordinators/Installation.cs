using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Storage.InMemory;

namespace OrleansFlow.Tests.Unit.Scheduling.Coordinators;

/// <summary>A real engine on the model of the store, with attempts that run until they are told to stop.</summary>
internal sealed class Installation : IExecutionBackend, IArtifactReader, IBatchExecutor, IEngineObserver, IMailboxes, IAsyncDisposable
{
    public static readonly DagId Dag = new("etl");
    private static readonly string s_hash = new('a', 32);
    private readonly TaskFactory _mailbox = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private readonly System.Threading.Channels.Channel<AttemptStatus> _observed = System.Threading.Channels.Channel.CreateUnbounded<AttemptStatus>();
    private readonly DagGraph _graph;
    private CancellationTokenSource _stopping = new();
    private Engine _engine = null!;
    private Task _running = Task.CompletedTask;

    public Installation(params IEnumerable<TaskSpec> tasks)
    {
        TaskSpec[] specs = [.. tasks];
        _graph = new DagGraph(new DagSpec { Id = Dag, Tasks = specs }, [.. specs.Select(_ => 1L)]);
        Start();
    }

    public InMemoryStore Store { get; } = new();

    public IPeers Peers => _engine.Peers;

    /// <summary>What was committed, in order.</summary>
    public List<Step> Committed { get; } = [];

    /// <summary>Asked of each batch: whether its caller is told, falsely, that nobody knows what became of it.</summary>
    public Func<Step, bool> LosesAnswerOf { get; set; } = _ => false;

    /// <summary>Asked of each batch: whether it is lost before anything is done.</summary>
    public Func<Step, bool> Loses { get; set; } = _ => false;

    public List<string> Defects { get; } = [];

    /// <summary>How often late word was ignored.</summary>
    public int Ignored { get; private set; }

    public string Name => "test";

    public static ApplyDag Version => new(s_hash, "{}", null);

    /// <summary>The lines of history that a command left.</summary>
    public HistoryEvent[] Told(string request)
    {
        // the engine goes on meanwhile
        lock (Committed)
            return [.. Committed.SelectMany(step => step.Writes).OfType<AddHistory>().Select(write => write.Row).Where(row => row.RequestId == request)];
    }

    /// <summary>Ends the host and starts another on the same rows.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Start();
    }

    public async Task<DagRun> RunAsync(RunId run, params RunState[] states)
    {
        for (var i = 0; i < 3000; i++)
        {
            if (await Store.ReadRunAsync(run, default) is { } row && states.Contains(row.State)) return row;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        throw new TimeoutException($"{run} is {(await Store.ReadRunAsync(run, default))?.State}, and not {string.Join(" or ", states)}; {string.Join("; ", Defects)}");
    }

    public async Task<TaskInstance> TaskAsync(TaskKey task, TaskState state)
    {
        for (var i = 0; i < 3000; i++)
        {
            if (await Store.ReadTaskAsync(task, default) is { } row && row.State == state) return row;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        throw new TimeoutException($"{task} is {(await Store.ReadTaskAsync(task, default))?.State}, and not {state}; {string.Join("; ", Defects)}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    public async Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation)
    {
        if (batch.Any(Loses)) throw new StoreException(StoreFailure.OutcomeUnknown, "connection lost, nothing was done");
        var outcomes = await Store.ExecuteAsync(batch, cancellation);
        lock (Committed) Committed.AddRange(batch.Where((_, i) => outcomes[i].Status == StepStatus.Committed));
        return batch.Any(LosesAnswerOf) ? throw new StoreException(StoreFailure.OutcomeUnknown, "connection lost, and it was done") : outcomes;
    }

    public Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation)
    {
        _observed.Writer.TryWrite(new AttemptStarted(plan.Key, plan.Uid, TimeProvider.System.GetUtcNow(), null, null));
        return Task.CompletedTask;
    }

    public Task StopAsync(AttemptKey attempt, Guid uid, StopReason reason, TimeSpan grace, CancellationToken cancellation)
    {
        var exit = new ExitReport { ExitCode = 143, At = TimeProvider.System.GetUtcNow(), Outputs = StagedOutputs.None };
        _observed.Writer.TryWrite(new AttemptExited(attempt, uid, exit.At, null, exit));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AttemptStatus>> AdoptAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<AttemptStatus>>([.. attempts.Select(live =>
            new AttemptStarted(live.Attempt.Key, live.Attempt.Uid, live.Attempt.CreatedAt, null, null))]);

    public Task<IReadOnlyList<AttemptStatus>> ListAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<AttemptStatus>>([]);

    public Task AcknowledgeCheckpointAsync(AttemptKey attempt, Guid uid, long number, CancellationToken cancellation) => Task.CompletedTask;

    public Task ReleaseAsync(AttemptKey attempt, Guid uid, CancellationToken cancellation) => Task.CompletedTask;

    public Task<Stream> OpenAsync(string uri, CancellationToken cancellation) => throw new ArtifactException($"there is nothing at {uri}");

    public IAsyncEnumerable<AttemptStatus> ObserveAsync(CancellationToken cancellation) => _observed.Reader.ReadAllAsync(cancellation);

    public Task<T> RunAsync<T>(RowKey row, Func<Task<T>> work) => _mailbox.StartNew(work).Unwrap();

    public void StoreUnavailable(string problem)
    {
    }

    public void StoreAvailable()
    {
    }

    public void BatchExecuted(int steps, TimeSpan duration)
    {
    }

    public void Stale(string subject, string @event) => Ignored++;

    public void Illegal(string subject, string @event) => Defects.Add($"{subject}: {@event}");

    public void Defect(string subject, Exception exception) => Defects.Add($"{subject}: {exception.Message}");

    public void Fenced(string problem) => Defects.Add(problem);

    private void Start()
    {
        _engine = new Engine(
            new EngineParts
            {
                Executor = this, Reader = Store, Backend = this, Artifacts = this, Mailboxes = this, Compile = Compile, Time = TimeProvider.System,
                NewGuid = Guid.NewGuid, Observer = this, ReconcileInterval = TimeSpan.FromHours(1),
            },
            _stopping.Token);
        _running = _engine.RunAsync();
    }

    // A version that somebody applied is what it says; the one of the tests is the tasks that they were made with.
    private DagGraph Compile(DagVersion version) => version.Spec == Version.Spec ? _graph : DagCompiler.Compile(version);

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
        }

        _engine.Dispose();
        _stopping.Dispose();
        _stopping = new CancellationTokenSource();
    }
}
