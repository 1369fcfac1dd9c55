namespace OrleansFlow.TaskRuntime.Logs;

/// <summary>How much of a task's log is kept, and how soon it is written.</summary>
public sealed record TaskLogOptions
{
    /// <summary>What is kept from the beginning of an attempt's log, in bytes. Default 64 MiB.</summary>
    public long HeadBytes { get; init; } = 64L << 20;

    /// <summary>What is kept of the end when the beginning is full, in bytes. Default 1 MiB.</summary>
    public int TailBytes { get; init; } = 1 << 20;

    /// <summary>How long a byte may wait before it is written. Default 500 ms.</summary>
    public TimeSpan FlushAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether task logs may be written now; false while the disk is nearly full. Asked at each write. Default: always.</summary>
    public Func<bool> Allowed { get; init; } = () => true;
}

/// <summary>Who says a line of a task's log.</summary>
public enum LogSource
{
    /// <summary>The task's standard output: <c>out</c>.</summary>
    Out = 1,

    /// <summary>The task's standard error: <c>err</c>.</summary>
    Err = 2,

    /// <summary>OrleansFlow itself: <c>flow</c>.</summary>
    Flow = 3,
}
