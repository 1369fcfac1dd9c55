using System.Collections.Immutable;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.InMemory;

/// <summary>The whole state at one moment. Immutable: a batch makes the next one, and a batch that fails is simply forgotten.</summary>
internal sealed record Tables
{
    public static readonly Tables Empty = new();

    public ImmutableSortedDictionary<DagId, DagHead> Dags { get; init; } = ImmutableSortedDictionary<DagId, DagHead>.Empty;

    public ImmutableSortedDictionary<string, DagVersion> Versions { get; init; } = ByText<DagVersion>();

    public ImmutableSortedDictionary<RunId, RunTables> Runs { get; init; } = ImmutableSortedDictionary<RunId, RunTables>.Empty;

    /// <summary>The run of each due fire: the unique key over scheduled and backfill runs.</summary>
    public ImmutableSortedDictionary<(DagId Dag, DateTimeOffset LogicalDate), RunId> Fires { get; init; } =
        ImmutableSortedDictionary<(DagId, DateTimeOffset), RunId>.Empty;

    public ImmutableSortedDictionary<string, Pool> Pools { get; init; } = ByText<Pool>();

    public ImmutableSortedDictionary<string, LimitCounter> Limits { get; init; } = ByText<LimitCounter>();

    public ImmutableSortedDictionary<string, RequestRecord> Requests { get; init; } = ByText<RequestRecord>();

    public ImmutableSortedDictionary<Guid, Parcel> Outbox { get; init; } = ImmutableSortedDictionary<Guid, Parcel>.Empty;

    /// <summary>The history by run; what concerns no run is under the empty id.</summary>
    public ImmutableSortedDictionary<RunId, ImmutableList<HistoryEntry>> History { get; init; } =
        ImmutableSortedDictionary<RunId, ImmutableList<HistoryEntry>>.Empty;

    public long LastSequence { get; init; }

    public IEnumerable<DagRun> AllRuns => Runs.Values.Select(run => run.Run);

    public IEnumerable<TaskInstance> AllTasks => Runs.Values.SelectMany(run => run.Tasks.Values).Select(task => task.Task);

    public TaskTables? Find(TaskKey key) => Runs.GetValueOrDefault(key.Run)?.Tasks.GetValueOrDefault(key);

    public IEnumerable<TaskTables> TasksOf(RunId run) => Runs.GetValueOrDefault(run)?.Tasks.Values ?? [];

    /// <summary>The instances of some tasks of a run, in key order.</summary>
    public IEnumerable<TaskTables> TasksOf(RunId run, IReadOnlyList<TaskId> tasks) =>
        TasksOf(run).Where(task => tasks.Contains(task.Task.Key.Task));

    /// <summary>The version of a versioned row; null when there is no such row.</summary>
    public long? VersionOf(RowKey key) => key.Kind switch
    {
        RowKind.Dag => Dags.GetValueOrDefault(new DagId(key.Id))?.Version,
        RowKind.Run => Runs.GetValueOrDefault(new RunId(key.Id))?.Run.Version,
        RowKind.Task => Find(key.AsTask())?.Task.Version,
        RowKind.Pool => Pools.GetValueOrDefault(key.Id)?.Version,
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "no such kind of row"),
    };

    public static ImmutableSortedDictionary<string, T> ByText<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

/// <summary>A run and the rows below it.</summary>
internal sealed record RunTables(DagRun Run)
{
    public ImmutableSortedDictionary<TaskKey, TaskTables> Tasks { get; init; } = ImmutableSortedDictionary<TaskKey, TaskTables>.Empty;
}

/// <summary>A task instance and the rows below it.</summary>
internal sealed record TaskTables(TaskInstance Task)
{
    public ImmutableSortedDictionary<int, Attempt> Attempts { get; init; } = ImmutableSortedDictionary<int, Attempt>.Empty;

    public ImmutableSortedDictionary<string, Xcom> Xcoms { get; init; } = Tables.ByText<Xcom>();

    public ImmutableSortedDictionary<string, Artifact> Artifacts { get; init; } = Tables.ByText<Artifact>();

    public Checkpoint? Checkpoint { get; init; }
}

/// <summary>An outbox item, and whether it was given up.</summary>
internal sealed record Parcel(OutboxItem Item, bool GivenUp = false);
