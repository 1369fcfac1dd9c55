using OrleansFlow.Artifacts.LocalFolder.Files;
using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Artifacts.LocalFolder.Store;

/// <summary>
/// The artifact store in a folder. Staged files are read-only copies under <see cref="AttemptPaths"/>, written whole or not at all and
/// durable when a call returns. Uris are <c>file://</c>. Thread-safe; several hosts may share a folder, since no two attempts share a
/// prefix.
/// </summary>
public sealed class LocalFolderStore : IAttemptStorage, IArtifactStore
{
    private readonly string _root;
    private readonly LocalLogStore _logs;
    private readonly TimeProvider _time;

    /// <summary>Opens the store; its folders are made when something is put into them.</summary>
    /// <param name="artifacts">The folder of outputs and checkpoints.</param>
    /// <param name="logs">Where logs go.</param>
    /// <param name="time">Tells how old prefixes are.</param>
    public LocalFolderStore(string artifacts, LocalLogStore logs, TimeProvider time) =>
        (_root, _logs, _time) = (Path.TrimEndingDirectorySeparator(Path.GetFullPath(artifacts)), logs, time);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StagedFile>> StageAsync(
        DagId dag, AttemptKey attempt, IReadOnlyList<LocalFile> files, CancellationToken cancellation)
    {
        // nothing to keep: no folder either; many tasks leave no files
        if (files.Count == 0) return [];
        var target = Path.Combine(_root, AttemptPaths.Outputs(dag, attempt));
        var manifest = await WriteAsync("the outputs", target, files, cancellation);
        return [.. manifest.Files.Select(file => new StagedFile(file.Name, file.Size, file.Sha256, Uri(Path.Combine(target, file.Name))))];
    }

    /// <inheritdoc/>
    public async Task FetchAsync(Artifact artifact, string path, CancellationToken cancellation)
    {
        await using var from = Open(artifact.Uri, $"the input {artifact.Name} of {artifact.Task}");
        if (from.Length != artifact.Size)
            throw new AttemptStorageException(
                $"the input {artifact.Name} of {artifact.Task} has {from.Length:N0} bytes, but {artifact.Size:N0} were committed: " +
                $"somebody changed {from.Name}. Clear that task to make it anew.");
        await CopyAsync(from, path, cancellation);
    }

    /// <inheritdoc/>
    public async Task<string> SaveCheckpointAsync(
        DagId dag, AttemptKey attempt, long number, IReadOnlyList<LocalFile> files, CancellationToken cancellation)
    {
        var target = Path.Combine(_root, AttemptPaths.Checkpoint(dag, attempt, number));
        await WriteAsync("the checkpoint", target, files, cancellation);
        foreach (var older in Saved(dag, attempt).Where(saved => saved.Number < number).SkipLast(1)) PrefixWriter.Remove(older.Folder);
        return Uri(target);
    }

    /// <inheritdoc/>
    public async Task RestoreCheckpointAsync(DagId dag, Checkpoint checkpoint, string folder, CancellationToken cancellation)
    {
        var attempt = new AttemptKey(checkpoint.Task, checkpoint.Epoch);
        var source = Saved(dag, attempt).FirstOrDefault(saved => saved.Number >= checkpoint.Number)?.Folder
            ?? throw new AttemptStorageException(
                $"the checkpoint {checkpoint.Number} of {checkpoint.Task} is gone from {checkpoint.Uri}. " +
                "Bring it back, or clear the task to start it from its beginning.");
        foreach (var path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(source, path);
            if (name == AttemptPaths.Manifest) continue;
            var target = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using var from = Open(Uri(path), "the checkpoint");
            await CopyAsync(from, target, cancellation);
        }
    }

    /// <inheritdoc/>
    public ILogSink OpenLog(DagId dag, AttemptKey attempt) => _logs.OpenSink(dag, attempt);

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(string uri, CancellationToken cancellation)
    {
        try
        {
            return Task.FromResult<Stream>(Open(uri, "the artifact"));
        }
        catch (AttemptStorageException e)
        {
            return Task.FromException<Stream>(new ArtifactException(e.Message, e));
        }
    }

    /// <inheritdoc/>
    public Task<long> MeasureAsync(CancellationToken cancellation) => Task.Run(() => FolderSweep.Measure(_root, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<SweepReport> SweepAsync(
        TimeSpan age,
        Func<IReadOnlyList<StoredPrefix>, CancellationToken, Task<IReadOnlySet<StoredPrefix>>> referenced,
        CancellationToken cancellation) =>
        Task.Run(() => FolderSweep.RunAsync(_root, _time.GetUtcNow() - age, referenced, cancellation), cancellation);

    private sealed record SavedFolder(long Number, string Folder);

    private List<SavedFolder> Saved(DagId dag, AttemptKey attempt)
    {
        var parent = Path.GetDirectoryName(Path.Combine(_root, AttemptPaths.Checkpoint(dag, attempt, 0)))!;
        if (!Directory.Exists(parent)) return [];
        return
        [
            .. Directory.EnumerateDirectories(parent)
                .Select(folder => (Folder: folder, Key: StoredNames.ParseCheckpoint(Path.GetFileName(folder))))
                .Where(found => found.Key?.Epoch == attempt.Epoch)
                .Select(found => new SavedFolder(found.Key!.Value.Number, found.Folder))
                .OrderBy(saved => saved.Number),
        ];
    }

    private async Task<Manifest> WriteAsync(string what, string target, IReadOnlyList<LocalFile> files, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(_root);
            return await PrefixWriter.WriteAsync(_root, target, files, cancellation);
        }
        catch (Exception e) when (Failures.Concern(e))
        {
            throw Failures.Writing(what, _root, e);
        }
    }

    private static async Task CopyAsync(FileStream from, string path, CancellationToken cancellation)
    {
        try
        {
            await using var to = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true);
            await from.CopyToAsync(to, cancellation);
        }
        catch (Exception e) when (Failures.Concern(e))
        {
            throw Failures.Writing($"a copy of {from.Name}", Path.GetDirectoryName(path)!, e);
        }
    }

    private FileStream Open(string uri, string what)
    {
        var path = System.Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.IsFile ? Path.GetFullPath(parsed.LocalPath) : null;
        if (path is null || !path.StartsWith(_root + "/", StringComparison.Ordinal))
            throw new AttemptStorageException($"{what} lies at {uri}, which is not in the artifact folder {_root}.");
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, useAsync: true);
        }
        catch (Exception e) when (Failures.Concern(e))
        {
            throw new AttemptStorageException($"{what} cannot be read from {path}: {e.Message} Clear the task that made it to make it anew.", e);
        }
    }

    private static string Uri(string path) =>
        "file://" + string.Join('/', path.Split('/').Select(System.Uri.EscapeDataString));
}
