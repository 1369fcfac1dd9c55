using System.Runtime.CompilerServices;
using OrleansFlow.Artifacts.LocalFolder.Files;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Artifacts.LocalFolder.Logs;

/// <summary>Logs as files: <c>dag_id=/run_id=/task_id=/[map_index=/]attempt=N.log</c> below a folder. Thread-safe.</summary>
/// <param name="folder">The folder; made when a log is opened.</param>
/// <param name="time">Paces the following of a log.</param>
public sealed class LocalLogStore(string folder, TimeProvider time) : ILogStore, ILogRetention
{
    private const int PieceSize = 64 * 1024;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public string Locate(DagId dag, AttemptKey attempt) => Path.GetFullPath(Path.Combine(folder, AttemptPaths.Log(dag, attempt)));

    /// <inheritdoc/>
    public async Task<LogPiece> ReadAsync(DagId dag, AttemptKey attempt, long offset, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        try
        {
            using var file = File.OpenHandle(
                Locate(dag, attempt), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            var there = Math.Min(limit, RandomAccess.GetLength(file) - offset);
            if (there <= 0) return new LogPiece(default, offset);
            var bytes = new byte[there];
            var read = await RandomAccess.ReadAsync(file, bytes, offset, cancellation);
            return new LogPiece(bytes.AsMemory(0, read), offset + read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new LogPiece(default, offset);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogPiece> FollowAsync(
        DagId dag, AttemptKey attempt, long offset, Task ended, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            // asked before reading: what was written before the end is read after it
            var last = ended.IsCompleted;
            var piece = await ReadAsync(dag, attempt, offset, PieceSize, cancellation);
            offset = piece.Next;
            if (!piece.Bytes.IsEmpty) yield return piece;
            else if (last) yield break;
            else await Task.WhenAny(ended, Task.Delay(LookEvery, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation) => LogFolderSweep.ReadAsync(folder, cancellation);

    /// <inheritdoc/>
    public Task<SweepReport> RemoveAsync(
        DateTimeOffset before, Func<IReadOnlyList<RunId>, CancellationToken, Task<IReadOnlySet<RunId>>> ended, CancellationToken cancellation) =>
        Task.Run(() => LogFolderSweep.RunAsync(folder, before, ended, cancellation), cancellation);

    /// <summary>Opens a log for appending.</summary>
    /// <exception cref="AttemptStorageException">It cannot be made.</exception>
    internal ILogSink OpenSink(DagId dag, AttemptKey attempt)
    {
        var path = Locate(dag, attempt);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FileSink(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0, useAsync: true));
        }
        catch (Exception e) when (Failures.Concern(e))
        {
            throw Failures.Writing($"the log {path}", folder, e);
        }
    }

    private sealed class FileSink(FileStream file) : ILogSink
    {
        public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            try
            {
                await file.WriteAsync(bytes, cancellation);
            }
            catch (Exception e) when (Failures.Concern(e))
            {
                throw Failures.Writing("the log", Path.GetDirectoryName(file.Name)!, e);
            }
        }

        public ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
