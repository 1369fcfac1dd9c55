namespace OrleansFlow.Cli.Terminal;

/// <summary>What a command reads and writes besides the engine: streams, environment, time. Replaced by a fake in tests.</summary>
internal sealed record Screen
{
    /// <summary>Standard output: results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error: progress and messages.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether standard output is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether standard error is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Environment variables by name.</summary>
    public Func<string, string?> Environment { get; init; } = _ => null;

    /// <summary>Who runs the command: written into the history of what is changed.</summary>
    public string User { get; init; } = "somebody";

    /// <summary>The clock, and what waits are made of.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The streams and the clock of this process.</summary>
    public static Screen OfProcess() => new()
    {
        Out = StandardOutput.Open(),
        Error = StandardError.Open(),
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Environment = System.Environment.GetEnvironmentVariable,
        User = System.Environment.UserName,
    };

    /// <summary>Whether colours are wanted on a stream: a terminal, and nobody said no (<c>NO_COLOR</c>, <c>TERM=dumb</c>).</summary>
    public bool WantsColor(bool terminal) =>
        terminal && string.IsNullOrEmpty(Environment("NO_COLOR")) && Environment("TERM") != "dumb";
}
