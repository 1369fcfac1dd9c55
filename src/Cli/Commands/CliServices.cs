using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Cli.Commands;

/// <summary>What the commands are made of; composed in <c>Program</c>, and of fakes in tests.</summary>
internal sealed record CliServices
{
    /// <summary>Streams, environment and time.</summary>
    public required Screen Screen { get; init; }

    /// <summary>How to come by an engine.</summary>
    public required IEngineAccess Engines { get; init; }

    /// <summary>Ctrl-C.</summary>
    public required Interrupts Interrupts { get; init; }

    /// <summary>A few random lower-case letters and digits, for the ids of runs.</summary>
    public required Func<string> NewSuffix { get; init; }

    /// <summary>A name for one command, never used before.</summary>
    public required Func<string> NewRequestId { get; init; }
}
