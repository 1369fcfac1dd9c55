using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.Postgres.Batches;

/// <summary>The writes of a batch by table, versions stamped.</summary>
internal sealed class GroupedWrites
{
    private readonly Dictionary<string, int?> _limits = new(StringComparer.Ordinal);

    public GroupedWrites(IEnumerable<Step> steps)
    {
        foreach (var write in steps.SelectMany(step => step.Writes)) Add(write);
        Tasks.Sort((a, b) => a.Key.CompareTo(b.Key));
        Attempts.Sort((a, b) => a.Key.CompareTo(b.Key));
    }

    public List<TaskKey> Drops { get; } = [];

    public List<AcknowledgeTask> AcknowledgedTasks { get; } = [];

    public List<AcknowledgeRun> AcknowledgedRuns { get; } = [];

    public Puts<DagHead> Dags { get; } = new();

    public List<DagVersion> Versions { get; } = [];

    public Puts<Pool> Pools { get; } = new();

    public Puts<DagRun> Runs { get; } = new();

    public Puts<TaskInstance> Tasks { get; } = new();

    public List<Attempt> Attempts { get; } = [];

    public List<Xcom> Xcoms { get; } = [];

    public List<Artifact> Artifacts { get; } = [];

    public List<Checkpoint> Checkpoints { get; } = [];

    public List<RequestRecord> Requests { get; } = [];

    public List<OutboxItem> Outbox { get; } = [];

    public List<HistoryEvent> History { get; } = [];

    /// <summary>Limits to be created or changed, with their slots: the last setting of a key counts.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> SetLimits =>
        [.. _limits.Where(limit => limit.Value is not null).Select(limit => KeyValuePair.Create(limit.Key, limit.Value!.Value))];

    /// <summary>Limits to be removed.</summary>
    public IReadOnlyList<string> RemovedLimits => [.. _limits.Where(limit => limit.Value is null).Select(limit => limit.Key)];

    private void Add(RowWrite write)
    {
        switch (write)
        {
            case PutTask put: Tasks.Add(put, put.Row with { Version = put.Expected + 1 }); break;
            case AddHistory add: History.Add(add.Row); break;
            case PutAttempt put: Attempts.Add(put.Row); break;
            case AcknowledgeTask acknowledge: AcknowledgedTasks.Add(acknowledge); break;
            case AcknowledgeRun acknowledge: AcknowledgedRuns.Add(acknowledge); break;
            case PutRun put: Runs.Add(put, put.Row with { Version = put.Expected + 1 }); break;
            case PutDag put: Dags.Add(put, put.Row with { Version = put.Expected + 1 }); break;
            case AddVersion add: Versions.Add(add.Row); break;
            case DropPublished drop: Drops.Add(drop.Task); break;
            case PutXcom put: Xcoms.Add(put.Row); break;
            case PutArtifact put: Artifacts.Add(put.Row); break;
            case PutCheckpoint put: Checkpoints.Add(put.Row); break;
            case SetLimit set: _limits[set.Key] = set.Slots; break;
            case PutPool put:
                Pools.Add(put, put.Row with { Version = put.Expected + 1 });
                _limits[LimitKeys.Pool(put.Row.Name)] = put.Row.Slots;
                break;
            case AddRequest add: Requests.Add(add.Row); break;
            case AddOutbox add: Outbox.Add(add.Row); break;
            default: throw new ArgumentException($"no such write: {write}", nameof(write));
        }
    }
}

/// <summary>The puts of versioned rows: those that must not exist yet, and those that were locked.</summary>
internal sealed class Puts<T>
{
    public List<T> Inserts { get; } = [];

    public List<T> Updates { get; } = [];

    public void Add(PutRow put, T stamped) => (put.Expected > 0 ? Updates : Inserts).Add(stamped);

    public void Sort(Comparison<T> order)
    {
        Inserts.Sort(order);
        Updates.Sort(order);
    }
}
