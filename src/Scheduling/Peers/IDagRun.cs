using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Scheduling.Peers;

/// <summary>A run: creates its task instances, makes them ready as their dependencies end, and ends itself.</summary>
public interface IDagRun
{
    /// <summary>The DAG admits the run; false when the DAG's limit on running runs has no room after all.</summary>
    Task<RunAdmitted> StartAsync(StartRun message, CancellationToken cancellation);

    /// <summary>A report: one of its task instances has finished. Delivered again until it was acted on.</summary>
    Task TaskFinishedAsync(TaskFinished message, CancellationToken cancellation);

    /// <summary>Cancels the run.</summary>
    Task<CommandReply> CancelAsync(CancelRun message, CancellationToken cancellation);

    /// <summary>Sets finished task instances back to none, so that they run again.</summary>
    Task<CommandReply> ClearAsync(ClearTasks message, CancellationToken cancellation);

    /// <summary>The run's deadline may have come; also loads a run after a restart, which makes it go on.</summary>
    Task WakeAsync(Wake message, CancellationToken cancellation);
}

/// <summary>Admit a run.</summary>
public sealed record StartRun;

/// <summary>The answer to <see cref="StartRun"/>.</summary>
/// <param name="Admitted">Whether it left the queue, or had before.</param>
public sealed record RunAdmitted(bool Admitted);

/// <summary>A task instance has finished.</summary>
/// <param name="Task">Which.</param>
/// <param name="State">How.</param>
/// <param name="Epoch">Its last attempt.</param>
/// <param name="Version">The version of its row.</param>
public sealed record TaskFinished(TaskKey Task, TaskState State, int Epoch, long Version);

/// <summary>Cancel a run. Why is also told by the run itself.</summary>
public sealed record CancelRun : UserCommand<CommandReply>
{
    internal override string Verb => "cancel";
}

/// <summary>Which task instances to clear.</summary>
public sealed record ClearTasks : UserCommand<CommandReply>
{
    internal override string Verb => "clear";

    /// <summary>The tasks; empty: all.</summary>
    public IReadOnlyList<TaskId> Tasks { get; init; } = [];

    /// <summary>Only this element of a mapped task; null: all of them.</summary>
    public int? MapIndex { get; init; }

    /// <summary>Also everything below them.</summary>
    public bool Downstream { get; init; }

    /// <summary>A note of the caller's that comes back with the answer; repeats get the note of the first call.</summary>
    public string? Note { get; init; }

    private protected override UserCommand Essence => this with { By = Origin.Unknown, Note = null };

    /// <summary>Only those that failed or could not run (<c>failed</c>, <c>upstream_failed</c>, and what was skipped because of them).</summary>
    public bool OnlyFailed { get; init; }
}

/// <summary>The answer to a command.</summary>
/// <param name="Accepted">Whether it was done, or had been.</param>
/// <param name="Affected">How many task instances it changed or told.</param>
/// <param name="Problem">Why it was not, for the user.</param>
public sealed record CommandReply(bool Accepted, int Affected = 0, string? Problem = null)
{
    /// <summary>Whether a cancel changed anything: of a run that was being cancelled already it does not.</summary>
    public bool Changed { get; init; }

    /// <summary>The note that came with the command.</summary>
    public string? Note { get; init; }
}
