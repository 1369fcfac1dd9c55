using OrleansFlow.Domain.Durations;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Callbacks;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>A run: creates its task instances, asks <see cref="RunMachine"/> what becomes of them, and ends itself.</summary>
public sealed class DagRunCoordinator(SchedulingServices services, RunId id) : Coordinator(services, RowKey.Of(id)), IDagRun
{
    private const int ChunkSize = 1000;
    private RunFrame? _frame;
    private RunProgress? _progress;
    private bool _evaluateAll;
    private bool _inDoubt;

    /// <inheritdoc/>
    public override bool IsFinished => _progress is null || _progress.Run.State.IsFinished();

    /// <inheritdoc/>
    protected override bool IsLoaded => _progress is not null;

    private DagRun Run => _progress!.Run;

    /// <inheritdoc/>
    public Task<RunAdmitted> StartAsync(StartRun message, CancellationToken cancellation) => AskAsync<RunAdmitted>(message, cancellation);

    /// <inheritdoc/>
    public Task TaskFinishedAsync(TaskFinished message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    public Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation) => AskAsync<CommandReply>(message, cancellation);

    /// <inheritdoc/>
    public Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation) => AskAsync<CommandReply>(message, cancellation);

    /// <inheritdoc/>
    public Task WakeAsync(Wake message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    protected override void Unload()
    {
        _progress = null;
        _inDoubt = true;
    }

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        var run = await Services.Reader.ReadRunAsync(id, cancellation) ?? throw new InvalidOperationException($"there is no run {id}");
        _frame = await Services.Catalog.FrameAsync(run, cancellation);
        _progress = new RunProgress(_frame.Graph, run, await Services.Reader.ReadTasksAsync(id, cancellation));
        _evaluateAll = run.State == RunState.Running;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(IReadOnlyList<Envelope> messages, CancellationToken cancellation)
    {
        if (messages.Any(message => message.Message is Wake wake && wake.Version > Run.Version)) await LoadAsync(cancellation);
        foreach (var message in messages)
        {
            switch (message.Message)
            {
                case StartRun:
                    message.Complete(new RunAdmitted(await StartAsync(cancellation)));
                    break;
                case CancelRun cancel:
                    message.Complete(await EndByHandAsync(cancel, cancellation));
                    break;
                case ClearTasks clear:
                    message.Complete(await SetBackAsync(clear, cancellation));
                    break;
            }
        }

        if (messages.Any(message => message.Message is Wake)) await LookAroundAsync(cancellation);
        await HearAsync([.. messages.Select(message => message.Message).OfType<TaskFinished>()], cancellation);
        if (!_inDoubt) return;

        // What was lost may have been done: then nothing of what follows from it has been.
        _inDoubt = false;
        await LookAroundAsync(cancellation);
        foreach (var task in _progress!.All.Where(task => task.State == TaskState.Queued && !LostToAnother))
            Start(() => Services.Peers.Task(task.Key).WakeAsync(new Wake(task.Version), Services.Stopping));
    }

    private async Task LookAroundAsync(CancellationToken cancellation)
    {
        await LookAtTimeAsync(cancellation);
        CallPools();
    }

    // Reports of finished tasks, and what the rows say is still unreported after a load.
    private async Task HearAsync(IReadOnlyList<TaskFinished> reports, CancellationToken cancellation)
    {
        var unreported = _evaluateAll
            ? _progress!.All.Where(task => task.Unreported).Select(task => new TaskFinished(task.Key, task.State, task.Epoch, task.Version))
            : [];
        var acknowledged = reports.Concat(unreported).Where(report => !HasActedOn(report)).DistinctBy(report => report.Task).ToArray();
        if (acknowledged.Length == 0 && !_evaluateAll) return;
        var news = acknowledged.Select(Reported).OfType<TaskInstance>().ToArray();
        var acknowledgements = acknowledged.Select(report => new AcknowledgeTask(report.Task, report.Epoch)).ToArray();
        if (Run.State == RunState.Running) await AdvanceAsync(news, acknowledgements, null, cancellation);
        else if (acknowledgements.Length > 0) await CommitBesideTheEndAsync(acknowledgements, cancellation);
    }

    // The DAG may have acted on the end: what is in memory does not know, and must not tell it again.
    private async Task CommitBesideTheEndAsync(IReadOnlyList<RowWrite> writes, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        await CommitChunkAsync(writes, [], [], Run, cancellation);
    }

    // After a restart nobody else tells the pools that somebody waits.
    private void CallPools()
    {
        foreach (var pool in _progress!.All.Where(task => task.State == TaskState.Scheduled).Select(task => task.Pool).Distinct().Order())
            Start(() => Services.Peers.Pool(pool).ReleasedAsync(new SlotsReleased(0), Services.Stopping));
    }

    // Reports come again until they were acted on, and those already on their way still arrive afterwards.
    private bool HasActedOn(TaskFinished report) => _progress!.Find(report.Task) is { } known
        && (known.Version > report.Version || (known.Version == report.Version && known.State.IsFinished() && !known.Unreported));

    private TaskInstance? Reported(TaskFinished report) => _progress!.Find(report.Task) is { } known
        ? known with { State = report.State, Epoch = report.Epoch, Version = report.Version, Unreported = false }
        : null;

    private async Task<bool> StartAsync(CancellationToken cancellation)
    {
        if (Run.State != RunState.Queued) return !Run.State.IsFinished();
        var (tasks, problem) = RunExpansion.Expand(_frame!.Graph, Run);
        if (problem is not null)
        {
            await EndAsync(Run with { StartedAt = Services.Now }, RunState.Failed, problem, cancellation);
            return true;
        }

        var limit = LimitKeys.Dag(Run.Dag);
        if (tasks.Count > ChunkSize && await Services.Reader.ReadLimitsAsync([limit], cancellation) is [{ Free: 0 }]) return false;
        await CreateInChunksAsync(tasks, cancellation);
        _progress = new RunProgress(_frame.Graph, Run, [.. tasks.Select(task => _progress!.Find(task.Key) ?? task)]);
        var started = Run with
        {
            State = RunState.Running,
            StartedAt = Run.StartedAt ?? Services.Now,
            WakeAt = Services.Now + _frame.Graph.Spec.RunTimeout,
            Detail = null,
            TasksCreated = tasks.Count,
        };
        _evaluateAll = true;
        var full = await AdvanceAsync([], [], started, cancellation);
        return full is null;
    }

    // Large runs come into being a chunk at a time, the run staying queued until all rows are there.
    private async Task CreateInChunksAsync(IReadOnlyList<TaskInstance> tasks, CancellationToken cancellation)
    {
        var missing = tasks.Where(task => _progress!.Find(task.Key) is null).ToArray();
        if (missing.Length <= ChunkSize) return;
        var created = new List<TaskInstance>(_progress!.All);
        foreach (var chunk in missing.Chunk(ChunkSize))
        {
            var rows = chunk.Select(task => task with { Version = 1 }).ToArray();
            created.AddRange(rows);
            await CommitChunkAsync([.. rows.Select(row => new PutTask(row, 0))], [], [], Run with { TasksCreated = created.Count }, cancellation);
        }

        _progress = new RunProgress(_frame!.Graph, Run, created);
    }

    /// <summary>Decides, and commits until all consequences are durable. Returns the limit that kept the run from starting.</summary>
    private async Task<LimitCounter?> AdvanceAsync(
        IReadOnlyList<TaskInstance> news, IReadOnlyList<RowWrite> acknowledgements, DagRun? started, CancellationToken cancellation)
    {
        var xcoms = XcomValues.None;
        while (true)
        {
            var now = Services.Now;
            var step = Run.CancelRequested
                ? RunMachine.OnCancelled(_progress!, news, Run.TimedOut ? TaskReason.RunTimeout : TaskReason.Cancelled, now)
                : RunMachine.Decide(_progress!, news, _evaluateAll,
                    (node, task) => TaskNames.When(_frame!.Graph, node, Run, task, xcoms), now);
            if (step.NeedValues.Count > 0)
            {
                var wanted = step.NeedValues.SelectMany(node => TaskNames.XcomsOfWhen(_frame!.Graph, node)).Concat(xcoms.Asked).Distinct().ToArray();
                xcoms = await new XcomReader(Services.Reader, Services.Artifacts).ReadAsync(id, wanted, cancellation);
                continue;
            }

            var full = await CommitStepAsync(step, news, acknowledgements, started, now, cancellation);
            if (full is null) _evaluateAll = false;
            return full;
        }
    }

    private async Task<LimitCounter?> CommitStepAsync(
        RunStep step, IReadOnlyList<TaskInstance> news, IReadOnlyList<RowWrite> acknowledgements, DagRun? started,
        DateTimeOffset now, CancellationToken cancellation)
    {
        var commit = new RunCommit(Services, _frame!, now);
        var planned = commit.Plan(step.Settled, step.Ready);
        var untouched = Untouched(planned);
        if (planned.Count == 0 && acknowledgements.Count == 0 && started is null && step.End is null) return null;
        while (true)
        {
            var chunk = planned.Take(ChunkSize).ToArray();
            var last = chunk.Length == planned.Count;
            var run = last ? RunCommit.Ended(started ?? Run, step, now) : Run;
            var writes = chunk.SelectMany(task => task.Writes).ToList();
            if (last) writes.AddRange([.. untouched.Select(task => new PutTask(task, 0)), .. acknowledgements, .. EndWrites(run, started, now)]);
            var limits = chunk.SelectMany(task => task.Limits).Concat(last ? RunCommit.RunLimits(run, started) : []).ToArray();
            if (await CommitChunkAsync(writes, [], limits, run, cancellation) is { } full)
            {
                if (full.Key == LimitKeys.Dag(Run.Dag)) return full;
                commit.Learn(full);
                var left = planned.Select(task => task.Row.Key).ToHashSet();
                planned = commit.Plan([.. step.Settled.Where(task => left.Contains(task.Key))], [.. step.Ready.Where(task => left.Contains(task.Key))]);
                continue;
            }

            foreach (var task in chunk) _progress!.Apply(task.Row);
            if (last) foreach (var task in untouched.Concat(news)) _progress!.Apply(task);
            foreach (var follow in commit.Follow(chunk)) Start(follow);
            if (last) break;
            planned = [.. planned.Skip(ChunkSize)];
        }

        if (Run.State.IsFinished()) ReportEnd();
        return null;
    }

    // Instances of a starting run that stay as they are and are not stored yet.
    private TaskInstance[] Untouched(IReadOnlyList<PlannedTask> planned)
    {
        var touched = planned.Select(task => task.Row.Key).ToHashSet();
        return [.. _progress!.All.Where(task => task.Version == 0 && !touched.Contains(task.Key)).Select(task => task with { Version = 1 })];
    }

    private IEnumerable<RowWrite> EndWrites(DagRun run, DagRun? started, DateTimeOffset now)
    {
        if (started is not null && run.State != started.State) yield return new AddHistory(RunHistory(run, Names.Of(started.State), null, now));
        if (run.State == Run.State) yield break;
        yield return new AddHistory(RunHistory(run, Names.Of(run.State), run.Detail, now));
        if (!run.State.IsFinished()) yield break;
        foreach (var write in Farewell(run, now)) yield return write;
    }

    // What every end of a run brings with it.
    private IEnumerable<RowWrite> Farewell(DagRun run, DateTimeOffset now)
    {
        if (_frame!.Graph.Spec.MaxActiveTasks is not null) yield return new SetLimit(LimitKeys.Run(id), null);
        foreach (var item in RunCallbacks.Of(_frame, run, now, Services.NewGuid)) yield return new AddOutbox(item);
    }

    private async Task<LimitCounter?> CommitChunkAsync(
        IReadOnlyList<RowWrite> writes, IReadOnlyList<RowWrite> more, IReadOnlyList<LimitDelta> limits, DagRun run, CancellationToken cancellation)
    {
        var row = run with { Version = Run.Version + 1 };
        var step = new Step { Anchor = Anchor, Writes = [new PutRun(row, Run.Version), .. writes, .. more], Limits = limits };
        if (await CommitAsync(step, cancellation) is { } full) return full;
        _progress!.Apply(row);
        Services.WakeUps.Set(Anchor, row.WakeAt, row.Version);
        return null;
    }

    private async Task<CommandReply> EndByHandAsync(CancelRun cancel, CancellationToken cancellation)
    {
        var none = new CommandReply(true);
        switch (Run.State)
        {
            case RunState.Cancelled:
                var again = RunHistory(Run, "cancel_requested", "it was cancelled already", Services.Now);
                await CommitBesideTheEndAsync([.. Done(cancel, none, again)], cancellation);
                return none;
            case RunState.Queued:
                await EndAsync(Run, RunState.Cancelled, cancel.By.Why, cancellation, cancel, none with { Changed = true });
                return none with { Changed = true };
            case RunState.Running:
                var reply = new CommandReply(true, OpenTasks().Length) { Changed = !Run.CancelRequested };
                await StopTasksAsync(Run with { CancelRequested = true, Detail = cancel.By.Why, WakeAt = null }, cancel, reply, cancellation);
                return reply;
            default:
                return new CommandReply(false, 0, $"the run is over: {Names.Of(Run.State)}");
        }
    }

    private async Task LookAtTimeAsync(CancellationToken cancellation)
    {
        if (Run.State == RunState.Queued)
            Start(() => Services.Peers.Dag(Run.Dag).RunReopenedAsync(new RunReopened(id), Services.Stopping));
        else if (Run is { State: RunState.Running, CancelRequested: true })
            TellTasksToStop();
        else if (Run.State == RunState.Running && Run.WakeAt <= Services.Now)
            await StopTasksAsync(Run with
            {
                CancelRequested = true,
                TimedOut = true,
                Detail = $"took longer than its run_timeout of {Duration.Format(_frame!.Graph.Spec.RunTimeout.GetValueOrDefault())}",
                WakeAt = null,
            }, null, null, cancellation);
        if (Run.State.IsFinished() && Run.Unreported) ReportEnd();
    }

    private async Task StopTasksAsync(DagRun stopping, UserCommand? command, object? reply, CancellationToken cancellation)
    {
        var history = RunHistory(stopping, stopping.TimedOut ? "timed_out" : "cancel_requested", command is null ? stopping.Detail : null, Services.Now);
        await CommitChunkAsync([.. Done(command, reply, history)], [], [], stopping, cancellation);
        await AdvanceAsync([], [], null, cancellation);
        TellTasksToStop();
    }

    private void TellTasksToStop()
    {
        var reason = Run.TimedOut ? TaskReason.RunTimeout : TaskReason.Cancelled;
        foreach (var task in OpenTasks()) Start(() => Services.Peers.Task(task).CancelAsync(new CancelTask(reason), Services.Stopping));
    }

    private TaskKey[] OpenTasks() =>
        [.. _progress!.All.Where(task => !task.State.IsFinished() && task.State != TaskState.None).Select(task => task.Key)];

    private async Task<CommandReply> SetBackAsync(ClearTasks clear, CancellationToken cancellation)
    {
        // Rows of finished tasks are their own coordinators' last word: look at them, not at what was reported.
        await LoadAsync(cancellation);
        if (Run is { CancelRequested: true, State: RunState.Running }) return new CommandReply(false, 0, "the run is being cancelled: wait until it has ended");
        var graph = _frame!.Graph;
        var unknown = clear.Tasks.Where(task => graph.IndexOf(task) < 0).ToArray();
        if (unknown.Length > 0) return new CommandReply(false, 0, $"DAG {Run.Dag} has no task {string.Join(", ", unknown)} in this run's version");
        var nodes = clear.Tasks.Count == 0 ? Enumerable.Range(0, graph.Count) : clear.Tasks.Select(graph.IndexOf);
        if (clear.Downstream) nodes = graph.WithDownstream(nodes);
        var cleared = RunMachine.Clear(_progress!, nodes, clear.MapIndex, clear.OnlyFailed);
        if (cleared.Count == 0) return new CommandReply(false, 0, "nothing to clear: none of these task instances has finished" + (clear.OnlyFailed ? " badly" : ""));

        var now = Services.Now;
        var reopened = !Run.State.IsFinished() ? Run : Run with
        {
            State = RunState.Queued,
            Detail = null,
            StartedAt = null,
            EndedAt = null,
            CancelRequested = false,
            TimedOut = false,
            Unreported = false,
            WakeAt = now,
        };
        var reply = new CommandReply(true, cleared.Count) { Note = clear.Note };
        var done = Done(clear, reply, RunHistory(reopened, "cleared", $"{cleared.Count} task instances", now));
        var chunks = cleared.Select(task => task with { Version = task.Version + 1 }).Chunk(ChunkSize).ToArray();
        foreach (var chunk in chunks)
        {
            var writes = chunk.SelectMany(task => new RowWrite[]
            {
                new PutTask(task, task.Version - 1), new DropPublished(task.Key), TaskWrites.History(Run.Dag, task, now),
            });
            var limit = Run.State.IsFinished() && graph.Spec.MaxActiveTasks is { } slots ? new[] { new SetLimit(LimitKeys.Run(id), slots) } : [];
            await CommitChunkAsync([.. writes, .. limit], chunk == chunks[^1] ? [.. done] : [], [], reopened, cancellation);
            foreach (var task in chunk) _progress!.Apply(task);
        }

        _evaluateAll = Run.State == RunState.Running;
        if (Run.State == RunState.Queued) Start(() => Services.Peers.Dag(Run.Dag).RunReopenedAsync(new RunReopened(id), Services.Stopping));
        return reply;
    }

    // Ends a run that is not running. Instances it has all the same, from before a clear or of an unfinished expansion, end with it.
    private async Task EndAsync(
        DagRun run, RunState state, string? detail, CancellationToken cancellation, UserCommand? command = null, object? reply = null)
    {
        var now = Services.Now;
        var ended = run with { State = state, Detail = detail, EndedAt = now, WakeAt = null, Unreported = true };
        var history = RunHistory(ended, Names.Of(state), command is null ? detail : null, now);
        var open = RunMachine.OnCancelled(_progress!, [], TaskReason.Cancelled, now).Settled.Where(task => task.Version > 0)
            .Select(task => task with { Version = task.Version + 1 }).ToArray();
        var chunks = open.Chunk(ChunkSize).DefaultIfEmpty([]).ToArray();
        foreach (var chunk in chunks)
        {
            var last = ReferenceEquals(chunk, chunks[^1]);
            var writes = chunk.SelectMany(task => new RowWrite[] { new PutTask(task, task.Version - 1), TaskWrites.History(run.Dag, task, now) });
            RowWrite[] end = last ? [.. Done(command, reply, history), .. Farewell(ended, now)] : [];
            await CommitChunkAsync([.. writes], end, [], last ? ended : Run, cancellation);
            foreach (var task in chunk) _progress!.Apply(task);
        }

        ReportEnd();
    }

    private void ReportEnd() => Start(() => Services.Peers.Dag(Run.Dag).RunEndedAsync(new RunEnded(id, Run.Version), Services.Stopping));

    private HistoryEvent RunHistory(DagRun run, string kind, string? detail, DateTimeOffset now) =>
        new() { At = now, Dag = run.Dag, Run = id, Kind = kind, Detail = detail };
}
