using System.Globalization;
using System.Security.Cryptography;
using OrleansFlow.Client.Errors;

namespace OrleansFlow.Client.Downloads;

/// <summary>Writes a file whole or not at all, and only with the content that was promised.</summary>
public static class VerifiedFile
{
    /// <summary>Writes a file; the folders on its way are made. What was there under its name is replaced when all of the new content is there.</summary>
    /// <param name="file">The path.</param>
    /// <param name="write">Writes the content, and says what it has to be.</param>
    /// <param name="cancellation">Gives up; nothing is left.</param>
    /// <exception cref="FlowException">The content is another one, or the file cannot be written.</exception>
    public static async Task WriteAsync(string file, Func<Stream, Task<(long Size, string Sha256)>> write, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(write);
        var target = Path.GetFullPath(file);
        // beside it, so that it can be renamed
        var work = $"{target}.{Path.GetRandomFileName()[..8]}.part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using (var content = new HashingStream(new FileStream(work, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true)))
            {
                var (size, sha256) = await write(content);
                Check(Path.GetFileName(target), content, size, sha256);
                content.FlushToDisk();
            }

            cancellation.ThrowIfCancellationRequested();
            File.Move(work, target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FlowException($"{target} cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(work);
        }
    }

    /// <summary>Whether what was written is what was promised.</summary>
    /// <exception cref="FlowException">It is not.</exception>
    internal static void Check(string name, HashingStream content, long size, string sha256)
    {
        if (content.Written != size)
            throw new FlowException(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} has {size:N0} bytes, but {content.Written:N0} came: somebody changed it where it lies. Clear its task to make it anew."));
        var found = content.Sha256();
        if (found != sha256)
            throw new FlowException($"{name} has another content than was committed (SHA-256 {found}, not {sha256}): somebody changed it where it lies. Clear its task to make it anew.");
    }
}

/// <summary>Passes on what is written, and knows its size and its SHA-256.</summary>
/// <param name="inner">Where it goes; disposed together with it.</param>
/// <param name="leaveOpen">Not disposed.</param>
internal sealed class HashingStream(Stream inner, bool leaveOpen = false) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Written { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Of what was written, in lower-case hex; once.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void FlushToDisk()
    {
        if (inner is FileStream file) file.Flush(flushToDisk: true);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        _hash.AppendData(buffer.Span);
        Written += buffer.Length;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        inner.Write(buffer, offset, count);
        _hash.AppendData(buffer, offset, count);
        Written += count;
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            if (!leaveOpen) inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
