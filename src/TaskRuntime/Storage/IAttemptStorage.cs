using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;

namespace OrleansFlow.TaskRuntime.Storage;

/// <summary>
/// Where an attempt's files come from and go to: a folder, a bucket. What is staged becomes visible only when rows point to it
/// (<c>spot.md</c>, Outputs). Thread-safe. Methods throw <see cref="AttemptStorageException"/> with a message for the user.
/// </summary>
public interface IAttemptStorage
{
    /// <summary>
    /// Copies files under the attempt's prefix together with a manifest. Returns when all of it is durable; nothing is there when it
    /// throws. Staging again replaces what was staged.
    /// </summary>
    Task<IReadOnlyList<StagedFile>> StageAsync(
        DagId dag, AttemptKey attempt, IReadOnlyList<LocalFile> files, CancellationToken cancellation);

    /// <summary>Copies an artifact to a local file, whose folder exists. The copy is the task's own: changing it changes nothing else.</summary>
    Task FetchAsync(Artifact artifact, string path, CancellationToken cancellation);

    /// <summary>
    /// Keeps a checkpoint. Returns its uri when it is durable. Older checkpoints of the same attempt may go, except the one before it.
    /// </summary>
    Task<string> SaveCheckpointAsync(
        DagId dag, AttemptKey attempt, long number, IReadOnlyList<LocalFile> files, CancellationToken cancellation);

    /// <summary>
    /// Copies a checkpoint into an empty folder. When it is gone because the same attempt had saved newer ones, the oldest of those
    /// serves instead: they were complete and durable, only their rows were not written yet.
    /// </summary>
    Task RestoreCheckpointAsync(DagId dag, Checkpoint checkpoint, string folder, CancellationToken cancellation);

    /// <summary>Opens the attempt's log for appending.</summary>
    ILogSink OpenLog(DagId dag, AttemptKey attempt);
}

/// <summary>A file of a task's folder.</summary>
/// <param name="Name">Its path below that folder, with forward slashes.</param>
/// <param name="Path">The full path its content is read from.</param>
public sealed record LocalFile(string Name, string Path);

/// <summary>Takes the bytes of a log as they come. One writer.</summary>
public interface ILogSink : IAsyncDisposable
{
    /// <summary>Appends whole lines; what was appended can be read at once.</summary>
    /// <exception cref="AttemptStorageException">It could not be written (the disk is full, for instance); trying again later is fine.</exception>
    ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);
}

/// <summary>Files of an attempt could not be read or kept; the message says which, why, and what to do.</summary>
public sealed class AttemptStorageException(string message, Exception? inner = null) : Exception(message, inner);
