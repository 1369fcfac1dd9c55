using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Peers;

/// <summary>A pool: the order in which those that wait for its slots get their turn. Its slots are counted elsewhere.</summary>
public interface IPool
{
    /// <summary>Task instances wait for slots.</summary>
    Task WaitAsync(WaitForSlots message, CancellationToken cancellation);

    /// <summary>Slots, or a limit that its waiters also need, may have become free.</summary>
    Task ReleasedAsync(SlotsReleased message, CancellationToken cancellation);

    /// <summary>Sets its slots; creates it when there is none.</summary>
    Task<CommandReply> SetSlotsAsync(SetSlots message, CancellationToken cancellation);
}

/// <summary>New waiters.</summary>
/// <param name="Waiters">Who waits.</param>
public sealed record WaitForSlots(IReadOnlyList<Waiter> Waiters);

/// <summary>Something became free.</summary>
/// <param name="Slots">How many slots; 0: only another limit.</param>
public sealed record SlotsReleased(int Slots);

/// <summary>How many slots a pool has.</summary>
/// <param name="Slots">Zero or more; null keeps them, and gives a new pool none.</param>
/// <param name="Description">One line for people; null keeps it.</param>
public sealed record SetSlots(int? Slots, string? Description = null) : UserCommand<CommandReply>
{
    internal override string Verb => "set_slots";
}

/// <summary>How coordinators and services reach a coordinator, wherever it is. Thread-safe.</summary>
public interface IPeers
{
    /// <summary>The coordinator of a DAG.</summary>
    IDag Dag(Domain.Identifiers.DagId dag);

    /// <summary>The coordinator of a run.</summary>
    IDagRun Run(Domain.Identifiers.RunId run);

    /// <summary>The coordinator of a task instance.</summary>
    ITaskInstance Task(Domain.Identifiers.TaskKey task);

    /// <summary>The coordinator of a pool.</summary>
    IPool Pool(string pool);
}
