using System.Collections.Immutable;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using static OrleansFlow.Storage.InMemory.Constraints;

namespace OrleansFlow.Storage.InMemory;

/// <summary>
/// Applies what a plan accepted, kind by kind in the order of the database's statements, and makes the next state or throws.
/// </summary>
internal sealed class BatchApplier(Tables tables)
{
    private readonly HashSet<object> _put = [];
    private readonly List<Action> _references = [];
    private Tables _tables = tables;

    public Tables Apply(BatchPlan plan)
    {
        var writes = plan.Accepted.SelectMany(step => step.Writes).ToArray();
        foreach (var write in writes.OfType<DropPublished>()) Drop(write.Task);
        foreach (var write in writes.OfType<AcknowledgeTask>()) Acknowledge(write);
        foreach (var write in writes.OfType<AcknowledgeRun>()) Acknowledge(write);
        Each<PutDag>(writes, Put);
        Each<AddVersion>(writes, Add);
        Each<PutPool>(writes, Put);
        Each<PutRun>(writes, Put);
        Each<PutTask>(writes, Put);
        Each<PutAttempt>(writes.OfType<PutAttempt>().OrderBy(write => write.Row.Key), Put);
        Each<PutXcom>(writes, Put);
        Each<PutArtifact>(writes, Put);
        Each<PutCheckpoint>(writes, Put);
        foreach (var (key, amount) in plan.LimitChanges.OrderBy(change => change.Key, StringComparer.Ordinal)) Change(key, amount);
        SetLimits(writes);
        Each<AddRequest>(writes, Add);
        Each<AddOutbox>(writes, Add);
        Each<AddHistory>(writes, Add);
        CheckCurrentVersions(writes);
        return _tables;
    }

    /// <summary>One statement: inserts before updates, and what rows refer to is looked for when all of them are there.</summary>
    private void Each<T>(IEnumerable<RowWrite> writes, Action<T> apply) where T : RowWrite
    {
        foreach (var write in writes.OfType<T>().OrderBy(write => write is PutRow { Expected: > 0 })) apply(write);
        foreach (var check in _references) check();
        _references.Clear();
    }

    private void Refer(Func<bool> exists, string message) => _references.Add(() => Require(exists(), message));

    private void Drop(TaskKey key)
    {
        if (_tables.Find(key) is { } task) Set(task with { Xcoms = task.Xcoms.Clear(), Artifacts = task.Artifacts.Clear(), Checkpoint = null });
    }

    private void Acknowledge(AcknowledgeTask write)
    {
        if (_tables.Find(write.Task) is not { } task || task.Task.Epoch != write.Epoch) return;
        Set(task with { Task = task.Task with { Unreported = false } });
    }

    private void Acknowledge(AcknowledgeRun write)
    {
        if (_tables.Runs.TryGetValue(write.Run, out var run) && run.Run.Version == write.Version) Set(run with { Run = run.Run with { Unreported = false } });
    }

    private void Put(PutDag put)
    {
        var row = put.Row.Micros() with { Version = put.Expected + 1 };
        Guard(put, _tables.Dags.ContainsKey(row.Id));
        Check(row);
        _tables = _tables with { Dags = _tables.Dags.SetItem(row.Id, row) };
    }

    private void Add(AddVersion write)
    {
        var row = write.Row with { CreatedAt = write.Row.CreatedAt.Micros() };
        Check(row);
        if (_tables.Versions.ContainsKey(row.Hash)) return;
        Refer(() => _tables.Dags.ContainsKey(row.Dag), $"version {row.Hash} names the unknown DAG {row.Dag}");
        _tables = _tables with { Versions = _tables.Versions.Add(row.Hash, row) };
    }

    private void Put(PutPool put)
    {
        var row = put.Row with { Version = put.Expected + 1 };
        Guard(put, _tables.Pools.ContainsKey(row.Name));
        Check(row);
        _tables = _tables with { Pools = _tables.Pools.SetItem(row.Name, row) };
    }

    private void Put(PutRun put)
    {
        var row = put.Row.Micros() with { Version = put.Expected + 1 };
        var before = _tables.Runs.GetValueOrDefault(row.Id);
        Guard(put, before is not null);
        Check(row);
        Refer(() => IsVersionOf(row.VersionHash, row.Dag), $"run {row.Id} names the unknown version {row.VersionHash} of {row.Dag}");
        if (before is { Run.Kind: not RunKind.Manual })
            _tables = _tables with { Fires = _tables.Fires.Remove((before.Run.Dag, before.Run.LogicalDate)) };
        if (row.Kind != RunKind.Manual)
        {
            var fire = (row.Dag, row.LogicalDate);
            RequireUnique(!_tables.Fires.ContainsKey(fire), $"{row.Dag} has a run of {row.LogicalDate:O} already");
            _tables = _tables with { Fires = _tables.Fires.Add(fire, row.Id) };
        }

        Set(before is null ? new RunTables(row) : before with { Run = row });
    }

    private void Put(PutTask put)
    {
        var row = put.Row.Micros() with { Version = put.Expected + 1 };
        var before = _tables.Find(row.Key);
        Guard(put, before is not null);
        Check(row);
        Refer(() => _tables.Runs.ContainsKey(row.Key.Run), $"task {row.Key} names an unknown run");
        if (_tables.Runs.ContainsKey(row.Key.Run)) Set(before is null ? new TaskTables(row) : before with { Task = row });
    }

    private void Put(PutAttempt write)
    {
        var row = write.Row.Micros();
        Once(row.Key);
        Check(row);
        Refer(() => _tables.Find(row.Key.Task) is not null, $"attempt {row.Key} names an unknown task");
        if (_tables.Find(row.Key.Task) is not { } task) return;
        foreach (var other in task.Attempts.Values.Where(other => other.Key != row.Key && Place(other.State) is not null))
            RequireUnique(Place(other.State) != Place(row.State), $"{other.Key} is {other.State}, so {row.Key} cannot be {row.State}");
        Set(task with { Attempts = task.Attempts.SetItem(row.Key.Epoch, row) });
    }

    /// <summary>A task has one attempt at work and one on its way, at most.</summary>
    private static int? Place(AttemptState state) => state switch
    {
        AttemptState.Dispatching or AttemptState.Held => 1,
        AttemptState.Running or AttemptState.Leaving => 2,
        _ => null,
    };

    private void Put(PutXcom write)
    {
        var row = write.Row;
        Once((typeof(Xcom), row.Task, row.Key));
        Check(row);
        var task = Owner(row.Task, row.Epoch);
        Set(task with { Xcoms = task.Xcoms.SetItem(row.Key, row) });
    }

    private void Put(PutArtifact write)
    {
        var row = write.Row;
        Once((typeof(Artifact), row.Task, row.Name));
        Check(row);
        var task = Owner(row.Task, row.Epoch);
        Set(task with { Artifacts = task.Artifacts.SetItem(row.Name, row) });
    }

    private void Put(PutCheckpoint write)
    {
        var row = write.Row;
        Once((typeof(Checkpoint), row.Task));
        Set(Owner(row.Task, row.Epoch) with { Checkpoint = row });
    }

    private void Change(string key, int amount)
    {
        var counter = _tables.Limits[key];
        _tables = _tables with { Limits = _tables.Limits.SetItem(key, counter with { Used = counter.Used + amount }) };
    }

    /// <summary>The last setting of a key counts. A limit that is created starts with what the rows already hold of it.</summary>
    private void SetLimits(RowWrite[] writes)
    {
        var last = new SortedDictionary<string, SetLimit>(StringComparer.Ordinal);
        foreach (var write in writes)
        {
            if (write is SetLimit set) last[set.Key] = set;
            if (write is PutPool pool) last[LimitKeys.Pool(pool.Row.Name)] = new SetLimit(LimitKeys.Pool(pool.Row.Name), pool.Row.Slots);
        }

        foreach (var (key, set) in last)
        {
            Check(set);
            var counter = set.Slots is not { } slots ? null
                : _tables.Limits.GetValueOrDefault(key) is { } old ? old with { Slots = slots }
                : new LimitCounter(key, slots, LimitCounts.Of(_tables).GetValueOrDefault(key));
            _tables = _tables with { Limits = counter is null ? _tables.Limits.Remove(key) : _tables.Limits.SetItem(key, counter) };
        }
    }

    private void Add(AddRequest write)
    {
        var row = write.Row with { At = write.Row.At.Micros() };
        Check(row);
        RequireUnique(!_tables.Requests.ContainsKey(row.Id), $"request {row.Id} has its answer already");
        _tables = _tables with { Requests = _tables.Requests.Add(row.Id, row) };
    }

    private void Add(AddOutbox write)
    {
        var row = write.Row.Micros();
        Check(row);
        RequireUnique(!_tables.Outbox.ContainsKey(row.Id), $"outbox item {row.Id} exists already");
        Refer(() => _tables.Runs.ContainsKey(row.Run), $"outbox item {row.Id} names the unknown run {row.Run}");
        _tables = _tables with { Outbox = _tables.Outbox.Add(row.Id, new Parcel(row)) };
    }

    private void Add(AddHistory write)
    {
        Check(write.Row);
        var run = write.Row.Run ?? default;
        var entry = new HistoryEntry(_tables.LastSequence + 1, write.Row.Micros());
        var entries = _tables.History.GetValueOrDefault(run, []).Add(entry);
        _tables = _tables with { History = _tables.History.SetItem(run, entries), LastSequence = entry.Sequence };
    }

    /// <summary>At the end of the batch, since a DAG and its version name each other.</summary>
    private void CheckCurrentVersions(RowWrite[] writes)
    {
        foreach (var row in writes.OfType<PutDag>().Select(put => put.Row))
            Require(
                row.CurrentHash is not { } hash || IsVersionOf(hash, row.Id),
                $"dag {row.Id} names the unknown version {row.CurrentHash}");
    }

    private bool IsVersionOf(string hash, DagId dag) => _tables.Versions.GetValueOrDefault(hash)?.Dag == dag;

    private TaskTables Owner(TaskKey key, int epoch)
    {
        var task = _tables.Find(key);
        Require(task?.Attempts.ContainsKey(epoch) == true, $"there is no attempt {new AttemptKey(key, epoch)}");
        return task!;
    }

    private void Set(TaskTables task)
    {
        var run = _tables.Runs[task.Task.Key.Run];
        Set(run with { Tasks = run.Tasks.SetItem(task.Task.Key, task) });
    }

    private void Set(RunTables run) => _tables = _tables with { Runs = _tables.Runs.SetItem(run.Run.Id, run) };

    private void Once(object key) => Require(_put.Add(key), $"a batch puts {key} twice");

    private static void Guard(PutRow put, bool exists) => RequireUnique(put.Expected > 0 || !exists, $"{put.Key} exists already");
}
