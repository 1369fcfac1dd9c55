using System.Globalization;
using OrleansFlow.Domain.Launching;
using OrleansFlow.TaskRuntime.Contract;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.TaskRuntime.Checkpoints;

/// <summary>
/// Saves <c>$FLOW_CHECKPOINT</c> each time the task renamed a file <c>READY</c>, holding a growing number, into it. <c>READY</c> goes
/// once the checkpoint is acknowledged, which tells the task that it is safe. Numbers that did not grow are taken away and saved
/// nowhere. Thread-safe.
/// </summary>
/// <param name="plan">The attempt.</param>
/// <param name="folder">Where it works.</param>
/// <param name="storage">Where checkpoints are kept.</param>
/// <param name="notice">Takes messages for the task's log.</param>
public sealed class CheckpointWatcher(AttemptPlan plan, AttemptFolder folder, IAttemptStorage storage, Action<string> notice) : IDisposable
{
    private const int MaxReadyBytes = 64;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _saved = plan.Checkpoint?.Number ?? long.MinValue;
    private long _acknowledged = plan.Checkpoint?.Number ?? long.MinValue;
    private string? _complaint;

    private string Ready => Path.Combine(folder.Checkpoint, AttemptFolder.Ready);

    /// <summary>Looks once, and saves what is ready. Never throws for what a task or a full disk can do: that becomes a notice.</summary>
    /// <returns>What was saved, to be recorded and then acknowledged; null when nothing was.</returns>
    public async Task<SavedCheckpoint?> LookAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return await TrySaveAsync(cancellation);
        }
        catch (Exception e) when (IsTheirs(e))
        {
            Complain($"the checkpoint was not saved: {e.Message}");
            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Saves a checkpoint that does not lie in <c>$FLOW_CHECKPOINT</c>.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="files">Reads what it consists of.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What was saved, to be recorded and then acknowledged; null when the number is not greater than the last one's.</returns>
    /// <exception cref="AttemptStorageException">It could not be kept.</exception>
    public async Task<SavedCheckpoint?> SaveAsync(long number, Func<IReadOnlyList<LocalFile>> files, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (number <= _saved) return null;
            var uri = await storage.SaveCheckpointAsync(plan.Dag, plan.Key, number, files(), cancellation);
            _saved = number;
            return new SavedCheckpoint(number, uri);
        }
        catch (OutputProblemException e)
        {
            throw new AttemptStorageException(e.Message, e);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A saved checkpoint is recorded: takes <c>READY</c> away, unless it holds a greater number by now.</summary>
    public async Task AcknowledgeAsync(long number, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            _acknowledged = Math.Max(_acknowledged, Math.Min(number, _saved));
            if (Number(await ReadAsync(Ready, cancellation)) <= _acknowledged) await TakeAwayAsync(cancellation);
        }
        catch (Exception e) when (IsTheirs(e))
        {
            Complain($"READY cannot be taken away: {e.Message}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>When nobody looks or acknowledges any more.</summary>
    public void Dispose() => _gate.Dispose();

    private async Task<SavedCheckpoint?> TrySaveAsync(CancellationToken cancellation)
    {
        if (await ReadAsync(Ready, cancellation) is not { } text) return null;
        if (Number(text) is not { } number)
        {
            Complain($"$FLOW_CHECKPOINT/READY holds '{text}': write a growing whole number into a file and rename it to READY.");
            return null;
        }

        // the one that was saved, still there: it waits for its acknowledgement
        if (number == _saved && number > _acknowledged) return null;
        if (number <= _saved)
        {
            notice($"the checkpoint {number} is ignored: its number is not greater than {_saved}.");
            File.Delete(Ready);
            return null;
        }

        var files = FolderListing.Read(folder.Checkpoint, "$FLOW_CHECKPOINT").Where(file => file.Name != AttemptFolder.Ready).ToList();
        var uri = await storage.SaveCheckpointAsync(plan.Dag, plan.Key, number, files, cancellation);

        // another READY meanwhile: what was copied may be half of each, so the next look takes it again
        if (await ReadAsync(Ready, cancellation) != text) return null;
        _saved = number;
        _complaint = null;
        return new SavedCheckpoint(number, uri);
    }

    // A task that does not wait may rename a greater number into place just now. What was moved aside is looked at again, and put back
    // unless there is a newer one.
    private async Task TakeAwayAsync(CancellationToken cancellation)
    {
        File.Move(Ready, folder.Aside, overwrite: true);
        if (Number(await ReadAsync(folder.Aside, cancellation)) <= _acknowledged || File.Exists(Ready)) File.Delete(folder.Aside);
        else File.Move(folder.Aside, Ready);
    }

    private static async Task<string?> ReadAsync(string path, CancellationToken cancellation)
    {
        if (Libc.FileType(path) is not (var type and not 0)) return null;
        if (type != Libc.RegularFile || new FileInfo(path).Length > MaxReadyBytes) return "something else than a short file";
        return (await File.ReadAllTextAsync(path, cancellation)).Trim();
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool IsTheirs(Exception e) =>
        e is OutputProblemException or AttemptStorageException or IOException or UnauthorizedAccessException;

    private void Complain(string text)
    {
        if (text == _complaint) return;
        _complaint = text;
        notice(text);
    }
}

/// <summary>A checkpoint that lies safe.</summary>
/// <param name="Number">The task's number.</param>
/// <param name="Uri">Where it lies.</param>
public sealed record SavedCheckpoint(long Number, string Uri);
