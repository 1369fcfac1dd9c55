namespace OrleansFlow.Cli;

/// <summary>What the process says to the shell that started it.</summary>
internal static class ExitCode
{
    /// <summary>It did what was asked; a run that was waited for succeeded.</summary>
    public const int Success = 0;

    /// <summary>The run that was waited for failed or was cancelled.</summary>
    public const int RunFailed = 1;

    /// <summary>A DAG file is invalid, or the command line makes no sense.</summary>
    public const int Invalid = 2;

    /// <summary>The environment or the server is not there: PostgreSQL, the data folder, another host.</summary>
    public const int Unavailable = 3;

    /// <summary>Its terminal was closed; 128 + SIGHUP. A run that was followed is left to the next host.</summary>
    public const int HungUp = 129;

    /// <summary>Interrupted by Ctrl-C while it only read, or twice; 128 + SIGINT, as shells expect.</summary>
    public const int Interrupted = 130;

    /// <summary>Told to end by SIGTERM; 128 + SIGTERM. A run that was followed is left to the next host.</summary>
    public const int Terminated = 143;
}

/// <summary>Ends a command with a message for the user: what happened, where, and what to do.</summary>
internal class CliException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The command line, or what it names, makes no sense.</summary>
    public static CliException Invalid(string message) => new(Cli.ExitCode.Invalid, message);
}
