using System.Buffers;
using System.Security.Cryptography;
using OrleansFlow.Artifacts.LocalFolder.Files;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Artifacts.LocalFolder.Store;

/// <summary>
/// Writes a prefix whole or not at all: everything goes into a folder beside it, is made durable, and is renamed. Files are copied and
/// not moved: a process that escaped, or a hard link elsewhere, must not be able to change what was committed.
/// </summary>
internal static class PrefixWriter
{
    /// <summary>The end of the names of folders that are being written.</summary>
    public const string Unfinished = ".tmp";

    private const int BufferSize = 128 * 1024;
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Copies files and their manifest to a prefix, replacing what is there.</summary>
    public static async Task<Manifest> WriteAsync(
        string root, string target, IReadOnlyList<LocalFile> files, CancellationToken cancellation)
    {
        var work = target + Unfinished;
        try
        {
            Remove(work);
            Make(work);
            var written = new List<ManifestFile>(files.Count);
            foreach (var file in files) written.Add(await CopyAsync(file, SafePath.Combine(work, file.Name), cancellation));
            var manifest = new Manifest(written);
            await WriteFileAsync(Path.Combine(work, AttemptPaths.Manifest), manifest.ToBytes(), cancellation);
            foreach (var folder in Directory.EnumerateDirectories(work, "*", SearchOption.AllDirectories)) Durable.SyncFolder(folder);
            Durable.SyncFolder(work);

            Remove(target);
            Directory.Move(work, target);
            Durable.SyncUpTo(root, Path.GetDirectoryName(target)!);
            return manifest;
        }
        catch
        {
            Remove(work);
            throw;
        }
    }

    /// <summary>Removes a folder, if it is there.</summary>
    public static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    // A sweep removes empty folders, also one that was just made on the way to this one.
    private static void Make(string work)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Directory.CreateDirectory(work);
                return;
            }
            catch (DirectoryNotFoundException) when (tries < 5)
            {
                // the sweep leaves it alone once there is something in it
            }
        }
    }

    private static async Task<ManifestFile> CopyAsync(LocalFile file, string target, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using var from = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, useAsync: true);
            await using var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true);
            long size = 0;
            while (await from.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
                size += read;
            }

            RandomAccess.FlushToDisk(to.SafeFileHandle);
            File.SetUnixFileMode(to.SafeFileHandle, ReadOnly);
            return new ManifestFile(file.Name, size, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task WriteFileAsync(string path, byte[] bytes, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true);
        await file.WriteAsync(bytes, cancellation);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }
}
