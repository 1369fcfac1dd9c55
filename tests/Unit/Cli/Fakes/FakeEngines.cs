using System.Runtime.CompilerServices;
using System.Text;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Embedded;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Tests.Unit.Cli.Fakes;

/// <summary>An engine that is a few lists: what it answers is put in, what it is told to do is written down.</summary>
internal sealed class FakeEngines : IEngineAccess, IEngine, IQueries, ILogStore, IPeers
{
    private IProgress<string>? _progress;

    public List<DagDetail> Dags { get; } = [];

    public List<RunDetail> Runs { get; } = [];

    public List<HistoryEntry> History { get; } = [];

    public List<PoolUsage> Pools { get; } = [];

    public List<HostDocument> Hosts { get; } = [];

    public Dictionary<AttemptKey, string> LogTexts { get; } = [];

    /// <summary>What happens next: one of them each time somebody looks at a run.</summary>
    public Queue<Action<FakeEngines>> Next { get; } = [];

    /// <summary>What was asked, in order: <c>host</c>, <c>read</c>, <c>cancel RUN</c> and so on.</summary>
    public List<string> Asked { get; } = [];

    public TriggerRun? Triggered { get; private set; }

    /// <summary>The commands that were given, in order.</summary>
    public List<UserCommand> Commands { get; } = [];

    public int? OtherHost { get; set; }

    public Exception? Broken { get; set; }

    /// <summary>Who keeps this process from hosting, without hosting what it reads.</summary>
    public string? Refused { get; set; }

    public string? Refusal { get; set; }

    public Action<RunId>? OnTrigger { get; set; }

    public int SchemaVersion => 1;

    public IQueries Queries => this;

    public ILogs Logs => new LocalLogs(this);

    public IPeers Peers => this;

    public Task<IEngine> HostAsync(EngineOptions options, CancellationToken cancellation)
    {
        Asked.Add("host");
        if (Broken is { } broken) throw broken;
        if (Refused is { } refused) throw new HostBusyException(refused);
        return OtherHost is { } pid
            ? throw new HostBusyException($"Another host works on the data folder /data: process {pid}. Stop it or wait for it to end.")
            : Task.FromResult<IEngine>(this);
    }

    public IServerEngine? FindServer(EngineOptions options) => null;

    public Task<IEngineReader> ReadAsync(EngineOptions options, CancellationToken cancellation)
    {
        Asked.Add("read");
        _progress = options.Progress;
        return Broken is { } broken ? throw broken : Task.FromResult<IEngineReader>(this);
    }

    public IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, HistoryPlace from, CancellationToken cancellation) => new RunFeed(
        this, new StillTime(CommandLine.Now), from, waits: () => Task.FromResult(OtherHost is not null), _progress).FollowAsync(run, cancellation);

    public IAsyncEnumerable<LogLine> FollowLogsAsync(RunId run, LogSelection selection, CancellationToken cancellation) =>
        new LogFeed(this, Logs, selection, _progress!).FollowAsync(
            FollowAsync(run, default, cancellation), () => Task.FromResult(OtherHost is not null), cancellation);

    public async Task<Cleared> ClearAsync(RunId run, ClearTasks clear, CancellationToken cancellation)
    {
        var from = new HistoryPlace(await RunFeed.FindEndAsync(this, run, cancellation));
        return new Cleared(await ((IPeers)this).Run(run).ClearAsync(clear, cancellation), from);
    }

    public Task<string?> FindHostAsync(CancellationToken cancellation) =>
        Task.FromResult(OtherHost is { } pid ? $"process {pid}" : null);

    public Task MigrateAsync(EngineOptions options, CancellationToken cancellation)
    {
        Asked.Add("migrate");
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<string> NoticesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        yield break;
    }

    public Task<CommandReply> CancelAndWaitAsync(RunId run, CancelRun cancel, CancellationToken cancellation)
    {
        Commands.Add(cancel);
        Asked.Add($"cancel and wait {run}");
        Change(run, r => r with { Run = r.Run with { State = RunState.Cancelled, EndedAt = Sample.Start.AddSeconds(3) } });
        return Task.FromResult(new CommandReply(true));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void Change(RunId run, Func<RunDetail, RunDetail> change)
    {
        var at = Runs.FindIndex(r => r.Run.Id == run);
        Runs[at] = change(Runs[at]);
    }

    public Task<IReadOnlyList<DagSummary>> ListDagsAsync(CancellationToken cancellation) => Answer(Dags.Select(d => new DagSummary(
        d.Head,
        Runs.Where(r => r.Run.Dag == d.Head.Id).CountBy(r => r.Run.State).ToDictionary(),
        Runs.LastOrDefault(r => r.Run.Dag == d.Head.Id)?.Run)));

    public Task<DagDetail?> GetDagAsync(DagId dag, CancellationToken cancellation) => Task.FromResult(Dags.Find(d => d.Head.Id == dag));

    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(RunFilter filter, CancellationToken cancellation) => Answer(Runs
        .Where(r => filter.Dag is not { } dag || r.Run.Dag == dag)
        .Where(r => filter.States.Count == 0 || filter.States.Contains(r.Run.State))
        .Where(r => filter.Since is not { } since || r.Run.CreatedAt >= since)
        .Reverse()
        .Take(filter.Limit)
        .Select(r => new RunSummary(r.Run, r.Tasks.CountBy(t => t.State).ToDictionary())));

    public Task<RunId?> FindLatestRunAsync(DagId? dag, CancellationToken cancellation) =>
        Task.FromResult(Runs.LastOrDefault(r => dag is null || r.Run.Dag == dag)?.Run.Id);

    public Task<RunDetail?> GetRunAsync(RunId run, CancellationToken cancellation)
    {
        if (Next.TryDequeue(out var next)) next(this);
        return Task.FromResult(Runs.Find(r => r.Run.Id == run));
    }

    public Task<IReadOnlyList<HistoryEntry>> GetHistoryAsync(RunId run, TaskId? task, long after, int limit, CancellationToken cancellation) =>
        Answer(History.Where(h => h.Event.Run == run && h.Sequence > after && (task is null || h.Event.Task == task)).Take(limit));

    public Task<IReadOnlyList<HostDocument>> ListHostsAsync(CancellationToken cancellation) => Answer(Hosts);

    public Task<IReadOnlyList<PoolUsage>> ListPoolsAsync(CancellationToken cancellation) => Answer(Pools);

    public Task DownloadAsync(Artifact artifact, string file, CancellationToken cancellation)
    {
        Asked.Add($"download {artifact.Name} to {file}");
        return Task.CompletedTask;
    }

    public string Locate(DagId dag, AttemptKey attempt) => $"/data/logs/{dag}/{attempt.Task}/attempt={attempt.Epoch}.log";

    public Task<LogPiece> ReadAsync(DagId dag, AttemptKey attempt, long offset, int limit, CancellationToken cancellation)
    {
        var bytes = Encoding.UTF8.GetBytes(LogTexts.GetValueOrDefault(attempt, ""));
        var piece = bytes.AsMemory((int)Math.Min(offset, bytes.Length));
        if (piece.Length > limit) piece = piece[..limit];
        return Task.FromResult(new LogPiece(piece, offset + piece.Length));
    }

    public DateTimeOffset? LogsRemovedBefore { get; set; }

    public Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation) => Task.FromResult(LogsRemovedBefore);

    public IAsyncEnumerable<LogPiece> FollowAsync(DagId dag, AttemptKey attempt, long offset, Task ended, CancellationToken cancellation) =>
        throw new NotSupportedException("the CLI follows by reading again");

    IDag IPeers.Dag(DagId dag) => new FakeDag(this, dag);

    IDagRun IPeers.Run(RunId run) => new FakeRun(this, run);

    ITaskInstance IPeers.Task(TaskKey task) => throw new NotSupportedException("the CLI commands no task instance itself");

    IPool IPeers.Pool(string pool) => new FakePool(this, pool);

    private static Task<IReadOnlyList<T>> Answer<T>(IEnumerable<T> items) => Task.FromResult<IReadOnlyList<T>>([.. items]);

    private sealed class FakeDag(FakeEngines engine, DagId dag) : IDag
    {
        public Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation)
        {
            engine.Commands.Add(message);
            engine.Asked.Add($"apply {dag} {Path.GetFileName(message.SourceFile)}");
            var known = engine.Dags.Find(d => d.Head.Id == dag)?.Head.CurrentHash;
            var change = known is null ? ApplyOutcome.Created : known == message.Hash ? ApplyOutcome.Unchanged : ApplyOutcome.Updated;
            return Task.FromResult(new DagApplied(change, known, engine.Refusal));
        }

        public Task<PauseSet> SetPausedAsync(SetPaused message, CancellationToken cancellation)
        {
            engine.Commands.Add(message);
            engine.Asked.Add($"{(message.Paused ? "pause" : "unpause")} {dag}");
            var at = engine.Dags.FindIndex(d => d.Head.Id == dag);
            if (at < 0) return Task.FromResult(new PauseSet(false, false));
            var changed = engine.Dags[at].Head.Paused != message.Paused;
            engine.Dags[at] = engine.Dags[at] with { Head = engine.Dags[at].Head with { Paused = message.Paused } };
            return Task.FromResult(new PauseSet(true, changed));
        }

        public Task<RunTriggered> TriggerAsync(TriggerRun message, CancellationToken cancellation)
        {
            engine.Commands.Add(message);
            engine.Asked.Add($"trigger {dag} {message.Run}");
            engine.Triggered = message;
            if (engine.Refusal is { } problem) return Task.FromResult(new RunTriggered(null, problem));
            engine.OnTrigger?.Invoke(message.Run);
            return Task.FromResult(new RunTriggered(message.Run, null));
        }

        public Task RunEndedAsync(RunEnded message, CancellationToken cancellation) => Task.CompletedTask;

        public Task RunReopenedAsync(RunReopened message, CancellationToken cancellation) => Task.CompletedTask;

        public Task WakeAsync(Wake message, CancellationToken cancellation) => Task.CompletedTask;
    }

    private sealed class FakeRun(FakeEngines engine, RunId run) : IDagRun
    {
        public Task<RunAdmitted> StartAsync(StartRun message, CancellationToken cancellation) => Task.FromResult(new RunAdmitted(true));

        public Task TaskFinishedAsync(TaskFinished message, CancellationToken cancellation) => Task.CompletedTask;

        public Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation)
        {
            engine.Commands.Add(message);
            engine.Asked.Add($"cancel {run}");
            return Task.FromResult(new CommandReply(engine.Refusal is null, 1, engine.Refusal));
        }

        public Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation)
        {
            engine.Commands.Add(message);
            var what = message.Tasks.Count == 0 ? "all" : string.Join(",", message.Tasks);
            var index = message.MapIndex is { } i ? $"[{i}]" : "";
            engine.Asked.Add($"clear {run} {what}{index}{(message.OnlyFailed ? " failed" : "")}{(message.Downstream ? " downstream" : "")}");
            return Task.FromResult(new CommandReply(engine.Refusal is null, 1, engine.Refusal));
        }

        public Task WakeAsync(Wake message, CancellationToken cancellation) => Task.CompletedTask;
    }

    private sealed class FakePool(FakeEngines engine, string pool) : IPool
    {
        public Task WaitAsync(WaitForSlots message, CancellationToken cancellation) => Task.CompletedTask;

        public Task ReleasedAsync(SlotsReleased message, CancellationToken cancellation) => Task.CompletedTask;

        public Task<CommandReply> SetSlotsAsync(SetSlots message, CancellationToken cancellation)
        {
            engine.Commands.Add(message);
            engine.Asked.Add($"pool {pool} {message.Slots}");
            engine.Pools.RemoveAll(p => p.Pool.Name == pool);
            engine.Pools.Add(new PoolUsage(new OrleansFlow.Scheduling.Storage.Pool(pool, message.Slots ?? 0), 0, 0));
            return Task.FromResult(new CommandReply(true, 0));
        }
    }
}
