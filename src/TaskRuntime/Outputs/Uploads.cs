using System.Globalization;
using System.Security.Cryptography;
using OrleansFlow.Domain.Launching;
using OrleansFlow.TaskRuntime.Contract;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.TaskRuntime.Outputs;

/// <summary>
/// Takes files in that a task sends instead of writing them: outputs go to <c>$FLOW_OUTPUTS</c> as if the task had written them there, files of
/// checkpoints wait in folders of their own until their checkpoint is saved. A file is there whole or not at all. Thread-safe.
/// </summary>
/// <param name="folder">Where the attempt works.</param>
/// <param name="hold">Asked now and then: why nothing may be written now, in words; null: go ahead.</param>
public sealed class Uploads(AttemptFolder folder, Func<string?> hold) : IDisposable
{
    private const int MaxPathLength = 1024;
    private const int Parallel = 4;
    private const long LookEvery = 8 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _slots = new(Parallel);
    private int _count;
    private bool _closed;

    /// <summary>Takes one file in.</summary>
    /// <param name="path">Its path below the folder.</param>
    /// <param name="checkpoint">The number of its checkpoint; null: an output.</param>
    /// <param name="size">How many bytes come.</param>
    /// <param name="sha256">Of the content, in lower-case hex; null: not compared.</param>
    /// <param name="content">The bytes, in order.</param>
    /// <param name="cancellation">Gives up; nothing is kept.</param>
    /// <exception cref="UploadException">It is refused.</exception>
    /// <exception cref="AttemptStorageException">It cannot be written.</exception>
    public async Task<StagedFile> TakeAsync(
        string path, long? checkpoint, long size, string? sha256, IAsyncEnumerable<ReadOnlyMemory<byte>> content, CancellationToken cancellation)
    {
        Check(path, checkpoint, size, sha256);
        await _slots.WaitAsync(cancellation);
        var work = Path.Combine(folder.Uploads, string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _count)}.tmp"));
        try
        {
            Directory.CreateDirectory(folder.Uploads);
            var found = await WriteAsync(work, size, content, cancellation);
            if (sha256 is not null && found != sha256)
                throw new UploadException("header.sha256", $"the content has the SHA-256 {found}, not {sha256}: it was changed on its way; send it again");
            var target = Publish(work, path, checkpoint);
            return new StagedFile(path, size, found, new UriBuilder { Scheme = "file", Host = "", Path = target }.Uri.AbsoluteUri);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttemptStorageException($"{path} cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(work);
            _slots.Release();
        }
    }

    /// <summary>The files that were taken in for a checkpoint.</summary>
    /// <exception cref="UploadException">There are none.</exception>
    public IReadOnlyList<LocalFile> FilesOf(long checkpoint)
    {
        var place = folder.UploadsOf(checkpoint);
        if (!Directory.Exists(place))
            throw new UploadException("number", $"no file was uploaded for the checkpoint {checkpoint}; upload its files first");
        return FolderListing.Read(place, $"the upload of checkpoint {checkpoint}");
    }

    /// <summary>A checkpoint is saved: what was taken in for it, and for those before it, may go.</summary>
    public void Forget(long checkpoint)
    {
        if (!Directory.Exists(folder.Uploads)) return;
        foreach (var place in Directory.GetDirectories(folder.Uploads))
            if (long.TryParse(Path.GetFileName(place), CultureInfo.InvariantCulture, out var number) && number <= checkpoint)
                Directory.Delete(place, recursive: true);
    }

    /// <summary>From now on nothing is taken in any more; returns when what was on its way, which has to be cancelled, has ended.</summary>
    public async Task CloseAsync()
    {
        lock (_lock) _closed = true;
        for (var i = 0; i < Parallel; i++) await _slots.WaitAsync();
    }

    /// <summary>After it was closed.</summary>
    public void Dispose() => _slots.Dispose();

    private static void Check(string path, long? checkpoint, long size, string? sha256)
    {
        if (SafePath.Problem(path) is { } problem) throw new UploadException("header.path", problem);
        if (path.Length > MaxPathLength) throw new UploadException("header.path", $"it has {path.Length} characters, at most {MaxPathLength} are allowed");
        if (path.Any(char.IsControl) || path.Contains('\uFFFD')) throw new UploadException("header.path", "it holds a control character, or is not valid Unicode");
        if (path == AttemptPaths.Manifest || LargeXcoms.Claims(path)) throw new UploadException("header.path", $"the name {path} is taken; choose another");
        if (checkpoint is not null && path == AttemptFolder.Ready)
            throw new UploadException("header.path", $"{AttemptFolder.Ready} is no file of a checkpoint; SaveCheckpoint says that it is complete");
        if (size < 0) throw new UploadException("header.size_bytes", "it is less than 0");
        if (sha256 is not null && (sha256.Length != 64 || sha256.Any(c => !char.IsAsciiHexDigitLower(c) && !char.IsAsciiDigit(c))))
            throw new UploadException("header.sha256", "it is no SHA-256: 64 lower-case hex digits");
    }

    private async Task<string> WriteAsync(string work, long size, IAsyncEnumerable<ReadOnlyMemory<byte>> content, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(work, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true);
        long written = 0;
        var look = 0L;
        RequireRoom();
        await foreach (var piece in content.WithCancellation(cancellation))
        {
            written += piece.Length;
            if (written > size) throw new UploadException("header.size_bytes", $"it says {size} bytes, but more came");
            if (written - look > LookEvery)
            {
                RequireRoom();
                look = written;
            }

            hash.AppendData(piece.Span);
            await file.WriteAsync(piece, cancellation);
        }

        if (written != size) throw new UploadException("header.size_bytes", $"it says {size} bytes, but {written} came");
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void RequireRoom()
    {
        if (hold() is not null) throw new UploadException("", "the disk of the host is nearly full; try again when there is room") { NoRoom = true };
    }

    // The task may do the same by itself: what is looked at here keeps mistakes inside, not attackers out.
    private string Publish(string work, string path, long? checkpoint)
    {
        var root = checkpoint is { } number ? folder.UploadsOf(number) : folder.Outputs;
        var target = SafePath.Combine(root, path);
        lock (_lock)
        {
            if (_closed) throw new UploadException("", "the attempt has ended") { Closed = true };
            var parent = Path.GetDirectoryName(target)!;
            if (File.Exists(parent)) throw new UploadException("header.path", $"{Path.GetDirectoryName(path)} is a file");
            Directory.CreateDirectory(parent);
            if (Libc.RealPath(root) is not { } realRoot || Libc.RealPath(parent) is not { } real || (real != realRoot && !real.StartsWith(realRoot + "/", StringComparison.Ordinal)))
                throw new UploadException("header.path", "a symbolic link leads out of the folder");
            if (Directory.Exists(target)) throw new UploadException("header.path", $"{path} is a folder");
            File.Move(work, target, overwrite: true);
        }

        return target;
    }
}

/// <summary>A file cannot be taken in; the message is for the user.</summary>
/// <param name="field">The field that is wrong, as <c>header.path</c>; empty when none is.</param>
/// <param name="message">What is wrong and what to do.</param>
public sealed class UploadException(string field, string message) : Exception(message)
{
    /// <summary>The field that is wrong.</summary>
    public string Field { get; } = field;

    /// <summary>There is no room now.</summary>
    public bool NoRoom { get; init; }

    /// <summary>The attempt has ended.</summary>
    public bool Closed { get; init; }
}
