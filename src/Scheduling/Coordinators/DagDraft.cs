using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Schedules;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>What a DAG makes of one batch of messages, as the step that commits it. Pure: nothing outside changes.</summary>
/// <param name="id">The DAG.</param>
/// <param name="before">Its row; null when it is unknown.</param>
/// <param name="graph">Its current version.</param>
/// <param name="now">The time.</param>
/// <param name="done">What a command leaves behind.</param>
internal sealed class DagDraft(
    DagId id, DagHead? before, DagGraph? graph, DateTimeOffset now, Func<UserCommand?, object?, HistoryEvent, IEnumerable<RowWrite>> done)
{
    private readonly List<RowWrite> _writes = [];
    private readonly List<DagRun> _runs = [];
    private readonly HashSet<RunId> _ids = [];
    private readonly SortedDictionary<RunId, long> _ended = [];
    private readonly DagHead? _before = before;
    private DagHead? _head = before;

    /// <summary>The current version after the batch.</summary>
    public DagGraph? Graph { get; private set; } = graph;

    /// <summary>The runs it creates.</summary>
    public IReadOnlyList<DagRun> Runs => _runs;

    /// <summary>The runs whose end it acknowledges, with the version that ended.</summary>
    public IReadOnlyDictionary<RunId, long> Ended => _ended;

    /// <summary>The step; null when nothing changed.</summary>
    public Step? Step(RowKey anchor, long version) => _writes.Count == 0 && ReferenceEquals(_head, _before)
        ? null
        : new Step { Anchor = anchor, Writes = [new PutDag((_head ?? Unknown()) with { Version = version + 1 }, version), .. _writes] };

    /// <summary>Makes a version current.</summary>
    public DagApplied Apply(DagGraph version, ApplyDag apply)
    {
        var previous = _head?.CurrentHash;
        var unchanged = previous == apply.Hash;
        var reply = new DagApplied(previous is null ? ApplyOutcome.Created : unchanged ? ApplyOutcome.Unchanged : ApplyOutcome.Updated, previous);
        Tell("applied", $"version {apply.Hash[..12]}{(unchanged ? ", which was current" : "")}", apply, reply);
        if (unchanged && _head!.SourceFile == apply.SourceFile) return reply;
        var rescheduled = Graph is null || Graph.Spec.Schedule != version.Spec.Schedule;
        _head = (_head ?? Unknown()) with
        {
            CurrentHash = apply.Hash,
            SourceFile = apply.SourceFile,
            Paused = previous is null ? version.Spec.Paused : _head!.Paused,
            ActivatedAt = rescheduled ? now : _head!.ActivatedAt,
        };
        AddVersion(version, apply);
        if (_head.Paused) _writes.Add(new SetLimit(LimitKeys.Paused(id), 0));
        _writes.Add(new SetLimit(LimitKeys.Dag(id), version.Spec.MaxActiveRuns));
        LimitTasks(version);
        foreach (var task in Graph?.Spec.Tasks.Where(task => task.MaxActive is not null) ?? [])
            if (version.IndexOf(task.Id) is var node && (node < 0 || version[node].MaxActive is null))
                _writes.Add(new SetLimit(LimitKeys.Task(id, task.Id), null));
        Graph = version;
        return reply;
    }

    /// <summary>Pauses or unpauses.</summary>
    public PauseSet SetPaused(SetPaused pause)
    {
        if (_head is null) return new PauseSet(false, false);
        var reply = new PauseSet(true, _head.Paused != pause.Paused);
        Tell(pause.Paused ? "paused" : "unpaused", reply.Changed ? null : "as it was", pause, reply);
        if (!reply.Changed) return reply;
        _head = _head with { Paused = pause.Paused };
        _writes.Add(new SetLimit(LimitKeys.Paused(id), pause.Paused ? 0 : null));
        return reply;
    }

    /// <summary>Creates a run by hand.</summary>
    public RunTriggered Trigger(TriggerRun trigger, DagGraph? version)
    {
        if (version is null) return new RunTriggered(null, $"there is no DAG '{id}': apply its file first, or run the file itself");
        if (_ids.Contains(trigger.Run)) return Taken(trigger.Run);
        var values = ParamValidator.Merge(version.Spec.Params, trigger.Params is { } text ? JsonNode.Parse(text) as JsonObject : null);
        if (values.Json is null) return new RunTriggered(null, string.Join("\n", values.Problems));
        if (trigger.Version is { } file)
        {
            AddVersion(version, file);
            if (_head?.CurrentHash is null)
            {
                _writes.Add(new SetLimit(LimitKeys.Dag(id), version.Spec.MaxActiveRuns));
                LimitTasks(version);
            }
        }

        var hash = trigger.Version?.Hash ?? _head!.CurrentHash!;
        var date = trigger.LogicalDate ?? now;
        var reply = new RunTriggered(trigger.Run, null);
        var queued = Create(
            version, trigger.Run, trigger.Kind, hash, new Fire(date, date, date, date), values.Json, trigger.Version?.SourceFile ?? _head?.SourceFile);
        _writes.AddRange(done(trigger, reply, queued));
        return reply;
    }

    /// <summary>There is a run of the id that was asked for.</summary>
    public static RunTriggered Taken(RunId run) =>
        new(null, $"there is a run {run} already: choose another id, or leave it out", Exists: true);

    /// <summary>A run has ended and that is known now.</summary>
    public void Acknowledge(RunId run, long version)
    {
        if (_ended.TryGetValue(run, out var known) && known >= version) return;
        _ended[run] = version;
        _writes.Add(new AcknowledgeRun(run, version));
    }

    /// <summary>Creates the runs that the schedule owes, and arranges for the next.</summary>
    public void Fire(Func<string> suffix, int limit)
    {
        if (_head is not { CurrentHash: { } hash, ActivatedAt: { } activated } || Graph?.Spec.Schedule is not { } schedule || _head.Paused)
        {
            if (_head is { WakeAt: not null }) _head = _head with { WakeAt = null };
            return;
        }

        var due = new Timetable(schedule, activated).Due(_head.LastLogicalDate, now, limit);
        var values = ParamValidator.Merge(Graph.Spec.Params, null).Json ?? "{}";
        foreach (var fire in due.Due)
        {
            var run = RunId.Create(RunKind.Scheduled, fire.LogicalDate, suffix());
            if (_ids.Contains(run))
            {
                // Somebody took this very id by hand, just now: the next look finds another.
                _head = _head with { WakeAt = now };
                return;
            }

            _writes.AddRange(done(null, null, Create(Graph, run, RunKind.Scheduled, hash, fire, values, _head.SourceFile)));
            _head = _head with { LastLogicalDate = fire.LogicalDate };
        }

        if (_head.WakeAt != due.Next?.FireAt) _head = _head with { WakeAt = due.Next?.FireAt };
    }

    // Returns what the history is to say of it.
    private HistoryEvent Create(DagGraph version, RunId run, RunKind kind, string hash, Fire fire, string values, string? sourceFile)
    {
        var row = new DagRun
        {
            Id = run,
            Dag = id,
            VersionHash = hash,
            Kind = kind,
            LogicalDate = fire.LogicalDate,
            DataIntervalStart = fire.DataIntervalStart,
            DataIntervalEnd = fire.DataIntervalEnd,
            Params = values,
            SourceFile = sourceFile,
            CreatedAt = now,
        };
        _runs.Add(row);
        _ids.Add(run);
        _writes.Add(new PutRun(row, 0));
        if (version.Spec.MaxActiveTasks is { } slots) _writes.Add(new SetLimit(LimitKeys.Run(run), slots));
        return new HistoryEvent { At = now, Dag = id, Run = run, Kind = Names.Of(RunState.Queued) };
    }

    private void LimitTasks(DagGraph version) => _writes.AddRange(version.Spec.Tasks
        .Where(task => task.MaxActive is not null)
        .Select(task => new SetLimit(LimitKeys.Task(id, task.Id), task.MaxActive)));

    private void AddVersion(DagGraph version, ApplyDag apply) =>
        _writes.Add(new AddVersion(new DagVersion { Hash = apply.Hash, Dag = version.Spec.Id, Spec = apply.Spec, CreatedAt = now }));

    private void Tell(string kind, string? detail, UserCommand command, object reply) =>
        _writes.AddRange(done(command, reply, new HistoryEvent { At = now, Dag = id, Kind = kind, Detail = detail }));

    private DagHead Unknown() => new() { Id = id };
}
