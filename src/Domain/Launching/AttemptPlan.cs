using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Launching;

/// <summary>
/// All that an attempt needs to run, with every template rendered: what a backend is given, and what the task contract
/// (<c>docs/dag-file.md</c>) is made from. Holds no secrets, only the names of connections.
/// </summary>
public sealed record AttemptPlan
{
    /// <summary>Which attempt.</summary>
    public required AttemptKey Key { get; init; }

    /// <summary>The attempt's random identity.</summary>
    public required Guid Uid { get; init; }

    /// <summary>The DAG.</summary>
    public required DagId Dag { get; init; }

    /// <summary>The program and its words; empty when the task is a no-op.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The text of a script, which becomes a file whose path is the last word of the command; null when there is none.</summary>
    public string? Script { get; init; }

    /// <summary>Environment variables of the DAG and the task, without those of the contract.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The working directory as a full path; null: the attempt's own folder.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The run's logical date.</summary>
    public required DateTimeOffset LogicalDate { get; init; }

    /// <summary>The start of the run's data interval.</summary>
    public required DateTimeOffset DataIntervalStart { get; init; }

    /// <summary>The end of the run's data interval.</summary>
    public required DateTimeOffset DataIntervalEnd { get; init; }

    /// <summary>The run's parameters as JSON.</summary>
    public required string Params { get; init; }

    /// <summary>The element of the map as JSON; null when the task is not mapped.</summary>
    public string? MapItem { get; init; }

    /// <summary>Files of upstream tasks by their name below <c>$FLOW_INPUTS</c>.</summary>
    public IReadOnlyDictionary<string, Artifact> Inputs { get; init; } = new Dictionary<string, Artifact>();

    /// <summary>Files that must exist when the attempt commits; null: none in particular.</summary>
    public IReadOnlyList<string>? RequiredOutputs { get; init; }

    /// <summary>What the checkpoint folder is restored from; null: it starts empty.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>How often the checkpoint folder is looked at; null: the backend's default.</summary>
    public TimeSpan? CheckpointEvery { get; init; }

    /// <summary>Names of connections that the task may see.</summary>
    public IReadOnlyList<string> Connections { get; init; } = [];

    /// <summary>The time between SIGTERM and SIGKILL.</summary>
    public required TimeSpan GracePeriod { get; init; }
}

/// <summary>What a backend saw of an attempt that ended by itself or by a signal.</summary>
public sealed record ExitReport
{
    /// <summary>The exit code; 128 + n when a signal n ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The kernel or the kubelet killed it for memory.</summary>
    public bool OutOfMemory { get; init; }

    /// <summary>What it left to publish, staged and safe; null when it did not end well.</summary>
    public StagedOutputs? Outputs { get; init; }

    /// <summary>Why an attempt that exited 0 cannot be committed (a declared output is missing, the xcom file is no JSON); null when it can.</summary>
    public string? OutputProblem { get; init; }

    /// <summary>The error class that the task reported, for <c>retry_on</c> and <c>fail_on</c>; null when it reported none.</summary>
    public string? ErrorClass { get; init; }

    /// <summary>What else is known, as JSON: signal, peak memory, last lines.</summary>
    public string? Evidence { get; init; }
}

/// <summary>What an attempt left, staged under its own prefix: visible only once rows point to it.</summary>
/// <param name="Files">The files.</param>
/// <param name="Xcoms">The xcoms by key, each a JSON value; without those that are too large for a row.</param>
public sealed record StagedOutputs(IReadOnlyList<StagedFile> Files, IReadOnlyDictionary<string, string> Xcoms)
{
    /// <summary>The xcoms that are too large for a row, by key: staged files that hold the JSON values.</summary>
    public IReadOnlyDictionary<string, StagedFile> LargeXcoms { get; init; } = new Dictionary<string, StagedFile>();

    /// <summary>Nothing.</summary>
    public static readonly StagedOutputs None = new([], new Dictionary<string, string>());
}

/// <summary>A staged file.</summary>
/// <param name="Name">Its path below <c>$FLOW_OUTPUTS</c>, with forward slashes.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Of the content, in lower-case hex.</param>
/// <param name="Uri">Where it lies.</param>
public sealed record StagedFile(string Name, long Size, string Sha256, string Uri);
