using System.Globalization;
using OrleansFlow.Domain.Launching;
using OrleansFlow.TaskRuntime.Contract;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.TaskRuntime.Checkpoints;

/// <summary>
/// Saves <c>$FLOW_CHECKPOINT</c> each time the task renamed a file <c>READY</c>, holding a growing number, into it; then removes
/// <c>READY</c>, which tells the task that the checkpoint is safe. Numbers that did not grow are taken away and saved nowhere.
/// Used by one caller at a time.
/// </summary>
/// <param name="plan">The attempt.</param>
/// <param name="folder">Where it works.</param>
/// <param name="storage">Where checkpoints are kept.</param>
/// <param name="notice">Takes messages for the task's log.</param>
public sealed class CheckpointWatcher(AttemptPlan plan, AttemptFolder folder, IAttemptStorage storage, Action<string> notice)
{
    private const string Ready = "READY";
    private const int MaxReadyBytes = 64;

    private long _last = plan.Checkpoint?.Number ?? long.MinValue;
    private string? _complaint;

    /// <summary>Looks once, and saves what is ready. Never throws for what a task or a full disk can do: that becomes a notice.</summary>
    /// <returns>What was saved; null when nothing was.</returns>
    public async Task<SavedCheckpoint?> LookAsync(CancellationToken cancellation)
    {
        try
        {
            return await TrySaveAsync(cancellation);
        }
        catch (Exception e) when (e is OutputProblemException or AttemptStorageException or IOException or UnauthorizedAccessException)
        {
            Complain($"the checkpoint was not saved: {e.Message}");
            return null;
        }
    }

    private async Task<SavedCheckpoint?> TrySaveAsync(CancellationToken cancellation)
    {
        var path = Path.Combine(folder.Checkpoint, Ready);
        if (!File.Exists(path)) return null;
        var text = await ReadAsync(path, cancellation);
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            Complain($"$FLOW_CHECKPOINT/READY holds '{text}': write a growing whole number into a file and rename it to READY.");
            return null;
        }

        if (number <= _last)
        {
            notice($"the checkpoint {number} is ignored: its number is not greater than {_last}.");
            File.Delete(path);
            return null;
        }

        var files = FolderListing.Read(folder.Checkpoint, "$FLOW_CHECKPOINT").Where(file => file.Name != Ready).ToList();
        var uri = await storage.SaveCheckpointAsync(plan.Dag, plan.Key, number, files, cancellation);

        // another READY meanwhile: what was copied may be half of each, so the next look takes it again
        if (await ReadAsync(path, cancellation) != text) return null;
        _last = number;
        _complaint = null;
        File.Delete(path);
        return new SavedCheckpoint(number, uri);
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellation)
    {
        if (Libc.FileType(path) != Libc.RegularFile || new FileInfo(path).Length > MaxReadyBytes) return "something else than a short file";
        return (await File.ReadAllTextAsync(path, cancellation)).Trim();
    }

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
