using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Scheduling.Storage;

/// <summary>A pool as it is stored: one row of <c>pool</c>.</summary>
/// <param name="Name">The pool's name.</param>
/// <param name="Slots">How many slots it has.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Version">The anchor's version.</param>
public sealed record Pool(string Name, int Slots, string? Description = null, long Version = 1);

/// <summary>Something to be done outside after a commit, at least once: one row of <c>outbox</c>.</summary>
public sealed record OutboxItem
{
    /// <summary>Names the item.</summary>
    public required Guid Id { get; init; }

    /// <summary>What is to be done: <c>webhook</c> or <c>command</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>With what, as JSON.</summary>
    public required string Payload { get; init; }

    /// <summary>The run it concerns.</summary>
    public required RunId Run { get; init; }

    /// <summary>When it is due; moved on by failures.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>How often it failed.</summary>
    public int Failures { get; init; }

    /// <summary>How it failed last.</summary>
    public string? LastError { get; init; }
}

/// <summary>The recorded answer to a command: one row of <c>request</c>.</summary>
/// <param name="Id">The caller's request id.</param>
/// <param name="Command">What was asked, as <c>verb subject hash</c>; the same id with another command is an error.</param>
/// <param name="Reply">The answer as JSON.</param>
/// <param name="At">When it was given.</param>
public sealed record RequestRecord(string Id, string Command, string Reply, DateTimeOffset At);

/// <summary>A counted limit: one row of <c>limit_counter</c>.</summary>
/// <param name="Key">Its name (<c>LimitKeys</c>).</param>
/// <param name="Slots">How many there are.</param>
/// <param name="Used">How many are taken.</param>
public sealed record LimitCounter(string Key, int Slots, int Used)
{
    /// <summary>How many are left; never negative.</summary>
    public int Free => Math.Max(0, Slots - Used);
}

/// <summary>A task instance that waits for slots, as its pool sees it.</summary>
/// <param name="Task">Which.</param>
/// <param name="Dag">Its DAG.</param>
/// <param name="Priority">Greater goes first.</param>
/// <param name="LogicalDate">Then the earlier.</param>
/// <param name="Slots">How many slots it takes.</param>
public sealed record Waiter(TaskKey Task, DagId Dag, long Priority, DateTimeOffset LogicalDate, int Slots);

/// <summary>A row whose time has come.</summary>
/// <param name="Key">Which row.</param>
/// <param name="Version">Its version when it was read: the stamp of the wake.</param>
public readonly record struct DueRow(RowKey Key, long Version);

/// <summary>A finished task instance that its run has not acted on.</summary>
/// <param name="Task">Which.</param>
/// <param name="State">How it finished.</param>
/// <param name="Epoch">Its last attempt.</param>
/// <param name="Version">The version of its row.</param>
public readonly record struct UnreportedTask(TaskKey Task, TaskState State, int Epoch, long Version);

/// <summary>A finished run that its DAG has not acted on.</summary>
/// <param name="Dag">The DAG.</param>
/// <param name="Run">The run.</param>
/// <param name="Version">The version of its row.</param>
public readonly record struct UnreportedRun(DagId Dag, RunId Run, long Version);
