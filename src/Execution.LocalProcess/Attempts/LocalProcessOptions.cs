using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Logs;

namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>How local processes are run.</summary>
public sealed record LocalProcessOptions
{
    /// <summary>The folder of attempts' folders. One host uses it at a time.</summary>
    public required string Attempts { get; init; }

    /// <summary>How many attempts are prepared and started at the same time. Default: twice the processors, at least 4.</summary>
    public int ParallelStarts { get; init; } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>How many attempts have their outputs copied at the same time. Default: twice the processors, at least 4.</summary>
    public int ParallelStaging { get; init; } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>How often <c>$FLOW_CHECKPOINT</c> is looked at when a task does not say. Default 5 s.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long processes that a command left behind have after SIGTERM. Default 1 s.</summary>
    public TimeSpan LeftoverGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a pipe that somebody keeps open is read after the end of the command. Default 2 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The grace period that running attempts get when their host leaves: the notice of a machine that vanishes is short. Default 4 s.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a leaving host waits beyond that for their end and their last checkpoints. Default 2 s.</summary>
    public TimeSpan ShutdownPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much of logs is kept, and whether they may be written just now (the disk's watermark).</summary>
    public TaskLogOptions Log { get; init; } = new();

    /// <summary>
    /// Asked before each launch: why none may start now, in words that stay the same while that lasts; null: go ahead. What is held is
    /// pending and asks again. Default: always null.
    /// </summary>
    public Func<string?> Hold { get; init; } = () => null;

    /// <summary>How often what waits for room on the disk looks for it; thirty times that, at most, where looking means writing. Default 1 s.</summary>
    public TimeSpan RoomEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Takes what people should know, once for each change: attempts wait for room on the disk, or go on. Default: nobody.</summary>
    public Action<string> Notice { get; init; } = _ => { };

    /// <summary>Gives each attempt the address of its own API; null: tasks have no <c>FLOW_API</c>. Default: null.</summary>
    public IAttemptEndpoints? Endpoints { get; init; }

    /// <summary>How long a task that saves a checkpoint by its API waits for it to be recorded. Default 30 s.</summary>
    public TimeSpan RecordPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Takes how far attempts say they are, at most once a second each, and null when one has ended; it must return at once. Default: nobody.
    /// </summary>
    public Action<AttemptKey, TaskProgress?> Progress { get; init; } = (_, _) => { };

    /// <summary>Gives an attempt its place in the trace of its run, as W3C's <c>traceparent</c>; null: there is no trace. Default: always null.</summary>
    public Func<AttemptKey, string?> Traceparent { get; init; } = _ => null;

    /// <summary>The name of this machine, as attempts show it. Default: its host name.</summary>
    public string Node { get; init; } = Environment.MachineName;

    /// <summary>The environment that tasks may get a few variables from. Default: this process's.</summary>
    public Func<IReadOnlyDictionary<string, string>> HostEnvironment { get; init; } = () =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
}
