using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Schedules;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>A DAG: versions, pause, schedule, and which of its runs may run.</summary>
public sealed class DagCoordinator(SchedulingServices services, DagId id, Func<string> suffix)
    : Coordinator(services, RowKey.Of(id)), IDag
{
    private const int FirePage = 100;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);
    private readonly Dictionary<RunId, DagRun> _open = [];
    private readonly HashSet<RunId> _starting = [];
    private readonly List<(TriggerRun By, DagRun Row)> _tried = [];
    private DagHead? _head;
    private DagGraph? _graph;
    private bool _loaded;
    private bool _retrying;
    private bool _heldBack;

    /// <inheritdoc/>
    public override bool IsFinished => _open.Count == 0 && _starting.Count == 0;

    /// <inheritdoc/>
    protected override bool IsLoaded => _loaded;

    /// <inheritdoc/>
    public Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation) => AskAsync<DagApplied>(message, cancellation);

    /// <inheritdoc/>
    public Task<PauseSet> SetPausedAsync(SetPaused message, CancellationToken cancellation) => AskAsync<PauseSet>(message, cancellation);

    /// <inheritdoc/>
    public Task<RunTriggered> TriggerAsync(TriggerRun message, CancellationToken cancellation) => AskAsync<RunTriggered>(message, cancellation);

    /// <inheritdoc/>
    public Task RunEndedAsync(RunEnded message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    public Task RunReopenedAsync(RunReopened message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    public Task WakeAsync(Wake message, CancellationToken cancellation) => TellAsync(message, cancellation);

    /// <inheritdoc/>
    protected override void Unload()
    {
        _loaded = false;
        _retrying = true;
    }

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellation)
    {
        _head = await Services.Reader.ReadDagAsync(id, cancellation);
        _graph = _head?.CurrentHash is { } hash ? await Services.Catalog.GraphAsync(hash, cancellation) : null;
        _open.Clear();
        if (_head is not null)
            foreach (var run in await Services.Reader.ReadOpenRunsAsync(id, cancellation)) _open[run.Id] = run;
        _loaded = true;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(IReadOnlyList<Envelope> messages, CancellationToken cancellation)
    {
        if (messages.Any(message => message.Message is Wake wake && (_heldBack || wake.Version > _head?.Version))) await LoadAsync(cancellation);
        var draft = new DagDraft(id, _head, _graph, Services.Now, Done);
        var answers = new List<(Envelope Message, object? Answer)>();
        foreach (var message in messages) answers.Add((message, await DecideAsync(draft, message.Message, cancellation)));
        foreach (var ended in _open.Values.Where(run => run.State.IsFinished() && run.Unreported)) draft.Acknowledge(ended.Id, ended.Version);
        draft.Fire(suffix, FirePage);
        await CommitAsync(draft, cancellation);
        _tried.Clear();
        foreach (var (message, answer) in answers) message.Complete(answer);
        if (_retrying || messages.Any(message => message.Message is SetPaused { Paused: false })) WakeRuns();
        _retrying = false;
        Admit();
    }

    private async Task<object?> DecideAsync(DagDraft draft, object message, CancellationToken cancellation)
    {
        switch (message)
        {
            case ApplyDag apply:
                return await MissingPoolAsync(Compile(apply), cancellation) is { } missing
                    ? new DagApplied(ApplyOutcome.Refused, _head?.CurrentHash, missing)
                    : draft.Apply(Compile(apply), apply);
            case SetPaused pause:
                return draft.SetPaused(pause);
            case TriggerRun trigger:
                if (await FindAsync(trigger, cancellation) is { } known) return known;
                var graph = trigger.Version is { } version ? Compile(version) : draft.Graph;
                if (graph is not null && await MissingPoolAsync(graph, cancellation) is { } noPool) return new RunTriggered(null, noPool);
                var triggered = draft.Trigger(trigger, graph);
                if (triggered.Run is not null) _tried.Add((trigger, draft.Runs[^1]));
                return triggered;
            case RunEnded ended:
                // A late word of a run that was cleared since is none of its end.
                if (!(_open.GetValueOrDefault(ended.Run)?.Version > ended.Version)) draft.Acknowledge(ended.Run, ended.Version);
                return null;
            case RunReopened reopened:
                if (await Services.Reader.ReadRunAsync(reopened.Run, cancellation) is { State: RunState.Queued } run) _open[run.Id] = run;
                return null;
            default:
                return null;
        }
    }

    // A run of that id may be another's, of any DAG, or our own after an unknown outcome: then that was the answer. The first look costs no
    // read: what is not known here shows as a conflict.
    private async Task<RunTriggered?> FindAsync(TriggerRun trigger, CancellationToken cancellation)
    {
        if (!_retrying) return _open.ContainsKey(trigger.Run) ? DagDraft.Taken(trigger.Run) : null;
        if (await Services.Reader.ReadRunAsync(trigger.Run, cancellation) is not { } found) return null;
        return _tried.Any(tried => ReferenceEquals(tried.By, trigger) && IsSame(tried.Row, found))
            ? new RunTriggered(trigger.Run, null)
            : DagDraft.Taken(trigger.Run);
    }

    // Times are stored in microseconds.
    private static bool IsSame(DagRun tried, DagRun found) => found.Dag == tried.Dag && found.VersionHash == tried.VersionHash
        && (found.CreatedAt - tried.CreatedAt).Duration() < TimeSpan.FromMilliseconds(1);

    private async Task<string?> MissingPoolAsync(DagGraph graph, CancellationToken cancellation)
    {
        foreach (var task in graph.Spec.Tasks.Where(task => task.Pool != LimitKeys.DefaultPool).DistinctBy(task => task.Pool))
            if (await Services.Reader.ReadPoolAsync(task.Pool, cancellation) is null)
                return $"task {task.Id} names the pool '{task.Pool}', which does not exist: create it with 'flow pools set {task.Pool} SLOTS'";
        return null;
    }

    private DagGraph Compile(ApplyDag version) => Services.Catalog.Compile(
        new DagVersion { Hash = version.Hash, Dag = id, Spec = version.Spec, CreatedAt = Services.Now });

    private async Task CommitAsync(DagDraft draft, CancellationToken cancellation)
    {
        if (draft.Step(Anchor, _head?.Version ?? 0) is not { } step)
        {
            Services.WakeUps.Set(Anchor, _head?.WakeAt, _head?.Version ?? 0);
            return;
        }

        await CommitAsync(step, cancellation);
        _head = step.Writes.OfType<PutDag>().Single().Row;
        _graph = draft.Graph;
        foreach (var run in draft.Runs) _open[run.Id] = run;
        foreach (var (run, version) in draft.Ended)
            if (_open.GetValueOrDefault(run)?.Version <= version) _open.Remove(run);
        Services.WakeUps.Set(Anchor, _head.WakeAt, _head.Version);
    }

    // Their tasks that wait because of the pause may go on.
    private void WakeRuns()
    {
        foreach (var run in _open.Values.Where(run => run.State == RunState.Running).Select(run => run.Id).Order())
            Start(() => Services.Peers.Run(run).WakeAsync(new Wake(), Services.Stopping));
    }

    // Queued runs start in the order of their logical dates, as many as the limit has room for; the limit itself is counted with each start.
    private void Admit()
    {
        _heldBack = false;
        if (_head is not { Paused: false }) return;
        var queued = _open.Values.Where(run => run.State == RunState.Queued && !_starting.Contains(run.Id))
            .OrderBy(run => run.LogicalDate).ThenBy(run => run.CreatedAt).ThenBy(run => run.Id).ToArray();
        if (queued.Length == 0) return;
        var limit = _graph?.Spec.MaxActiveRuns ?? int.MaxValue;
        var active = _open.Values.Count(run => run.State == RunState.Running) + _starting.Count;
        foreach (var run in queued.Take(Math.Max(0, limit - active)))
        {
            _starting.Add(run.Id);
            Start(() => StartRunAsync(run.Id));
        }

        // Word of an end may reach us out of order, or another activation of ours: while runs wait, look at the rows again.
        _heldBack = true;
        var look = Services.Now + LookAgain;
        Services.WakeUps.Set(Anchor, _head.WakeAt < look ? _head.WakeAt : look, _head.Version);
    }

    private async Task StartRunAsync(RunId run)
    {
        try
        {
            var admitted = (await Services.Peers.Run(run).StartAsync(new StartRun(), Services.Stopping)).Admitted;
            if (admitted && _open.TryGetValue(run, out var known) && known.State == RunState.Queued)
                _open[run] = known with { State = RunState.Running };
        }
        finally
        {
            _starting.Remove(run);
        }
    }
}
