using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;

namespace OrleansFlow.Scheduling.Peers;

/// <summary>
/// A DAG: its versions, its pause, its schedule, and which of its runs may run. Like all peers: methods take one message, only
/// enqueue, and return when the answer is committed; they may be called again after an unknown outcome.
/// </summary>
public interface IDag
{
    /// <summary>Makes a version the current one, and starts its schedule.</summary>
    Task<DagApplied> ApplyAsync(ApplyDag message, CancellationToken cancellation);

    /// <summary>Pauses or unpauses.</summary>
    Task<PauseSet> SetPausedAsync(SetPaused message, CancellationToken cancellation);

    /// <summary>Creates a run.</summary>
    Task<RunTriggered> TriggerAsync(TriggerRun message, CancellationToken cancellation);

    /// <summary>A report: one of its runs has ended.</summary>
    Task RunEndedAsync(RunEnded message, CancellationToken cancellation);

    /// <summary>A finished run was cleared and waits for its turn again.</summary>
    Task RunReopenedAsync(RunReopened message, CancellationToken cancellation);

    /// <summary>A fire may be due, or a queued run may start.</summary>
    Task WakeAsync(Wake message, CancellationToken cancellation);
}

/// <summary>Looks whether something is due.</summary>
/// <param name="Version">The version of the row when the wake was arranged; another one makes the coordinator reload. Null: no stamp.</param>
public sealed record Wake(long? Version = null)
{
    /// <summary>Forget what is in memory and look at the rows.</summary>
    public static readonly Wake Reload = new(long.MaxValue);
}

/// <summary>A version to make current.</summary>
/// <param name="Hash">Its content hash.</param>
/// <param name="Spec">Its canonical JSON.</param>
/// <param name="SourceFile">The DAG file it came from, as a full path.</param>
public sealed record ApplyDag(string Hash, string Spec, string? SourceFile) : UserCommand<DagApplied>
{
    internal override string Verb => "apply";

    // The hash says it all.
    private protected override UserCommand Essence => this with { By = Origin.Unknown, Spec = "" };

    /// <summary>The same wherever it stands in another command.</summary>
    internal ApplyDag AsPart() => (ApplyDag)Essence;
}

/// <summary>What an apply did.</summary>
/// <param name="Change">What it did.</param>
/// <param name="PreviousHash">The version that was current before.</param>
/// <param name="Problem">Why it was refused, for the user; null when it was not.</param>
public sealed record DagApplied(ApplyOutcome Change, string? PreviousHash, string? Problem = null);

/// <summary>What an apply did.</summary>
public enum ApplyOutcome
{
    /// <summary>The DAG was not known before.</summary>
    Created = 1,

    /// <summary>Another version is current now.</summary>
    Updated = 2,

    /// <summary>That version was current already.</summary>
    Unchanged = 3,

    /// <summary>It was refused; nothing changed.</summary>
    Refused = 4,
}

/// <summary>Pause or unpause.</summary>
/// <param name="Paused">Which.</param>
public sealed record SetPaused(bool Paused) : UserCommand<PauseSet>
{
    internal override string Verb => Paused ? "pause" : "unpause";
}

/// <summary>What it did.</summary>
/// <param name="Known">Whether there is such a DAG.</param>
/// <param name="Changed">Whether it was otherwise before.</param>
public sealed record PauseSet(bool Known, bool Changed);

/// <summary>A run to create.</summary>
public sealed record TriggerRun : UserCommand<RunTriggered>
{
    internal override string Verb => "trigger";

    /// <summary>The id the run gets. A repeat by request id is answered with the run of the first call, whatever id it proposes.</summary>
    public required RunId Run { get; init; }

    /// <summary>Why it exists.</summary>
    public RunKind Kind { get; init; } = RunKind.Manual;

    /// <summary>The logical date; null: now.</summary>
    public DateTimeOffset? LogicalDate { get; init; }

    /// <summary>The caller's parameters as a JSON object; they are validated against the version's.</summary>
    public string? Params { get; init; }

    /// <summary>A version that comes with the call and does not become current (<c>flow run FILE</c>); null: the current one.</summary>
    public ApplyDag? Version { get; init; }

    /// <summary>
    /// The request as its caller put it: where it is given, a repeat is known by it, however parameters would be read by the version that is
    /// current by then.
    /// </summary>
    public string? Asked { get; init; }

    private protected override UserCommand Essence => Asked is null
        ? this with { By = Origin.Unknown, Run = default, Version = Version?.AsPart() }
        : new TriggerRun { Run = default, Asked = Asked };
}

/// <summary>What became of a trigger.</summary>
/// <param name="Run">The run; null when it was refused.</param>
/// <param name="Problem">Why it was refused, for the user.</param>
/// <param name="Exists">It was refused because there is a run of that id already.</param>
public sealed record RunTriggered(RunId? Run, string? Problem, bool Exists = false);

/// <summary>A run has ended.</summary>
/// <param name="Run">Which.</param>
/// <param name="Version">The version of its row: of a run that was cleared since, this is late word.</param>
public sealed record RunEnded(RunId Run, long Version);

/// <summary>A finished run is queued again.</summary>
/// <param name="Run">Which.</param>
public sealed record RunReopened(RunId Run);
