using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.History;

/// <summary>One line of the append-only history (<c>task_event</c>): the timeline and the audit trail. Written with what it tells of.</summary>
public sealed record HistoryEvent
{
    /// <summary>When it happened, by the host's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The DAG; null for what concerns a pool.</summary>
    public DagId? Dag { get; init; }

    /// <summary>The pool; null for what concerns a DAG.</summary>
    public string? Pool { get; init; }

    /// <summary>The run; null for what concerns the DAG itself.</summary>
    public RunId? Run { get; init; }

    /// <summary>The task; null for what concerns the run itself.</summary>
    public TaskId? Task { get; init; }

    /// <summary>The element of a mapped task.</summary>
    public int MapIndex { get; init; } = TaskKey.NotMapped;

    /// <summary>The attempt; 0 when it concerns none.</summary>
    public int Epoch { get; init; }

    /// <summary>What happened: a state's name (<c>queued</c>, <c>running</c>), or a verb (<c>paused</c>, <c>cleared</c>, <c>refunded</c>).</summary>
    public required string Kind { get; init; }

    /// <summary>The reason's or cause's name, where there is one.</summary>
    public string? Reason { get; init; }

    /// <summary>More in words.</summary>
    public string? Detail { get; init; }

    /// <summary>Who asked for it; null when nobody did.</summary>
    public string? Actor { get; init; }

    /// <summary>From where it was asked for; null when from this process, or when nobody did.</summary>
    public string? Address { get; init; }

    /// <summary>By which request; null when it had no id.</summary>
    public string? RequestId { get; init; }

    /// <summary>The same, as the deed of a command.</summary>
    /// <param name="origin">Who gave the command.</param>
    public HistoryEvent By(Origin origin) => this with
    {
        Detail = Detail is null || origin.Why is null ? Detail ?? origin.Why : $"{Detail}: {origin.Why}",
        Actor = origin.Actor,
        Address = origin.Address,
        RequestId = origin.RequestId,
    };
}
