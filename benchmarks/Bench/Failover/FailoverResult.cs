using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Results;

namespace OrleansFlow.Bench.Failover;

/// <summary>The document that is kept of a run of the bench.</summary>
internal sealed record FailoverResult() : ProgramResult("failover")
{
    /// <summary>From kill -9 of the host in charge to the first commit of the next one. Seconds.</summary>
    public const double AimKillSeconds = 3;

    /// <summary>From SIGTERM. Seconds.</summary>
    public const double AimTermSeconds = 1;

    /// <summary>After kill -9.</summary>
    public required Takeover Kill { get; init; }

    /// <summary>After SIGTERM.</summary>
    public required Takeover Term { get; init; }

    /// <summary>After SIGSTOP: the lease of the host that hangs has to run out first.</summary>
    public required Takeover Stop { get; init; }
}

/// <summary>How long the other host took, each time.</summary>
/// <param name="ActsSeconds">Until it committed something of the run that was under way.</param>
/// <param name="RunsSeconds">Until the task that was lost ran again.</param>
internal sealed record Takeover(Spread ActsSeconds, Spread RunsSeconds);
