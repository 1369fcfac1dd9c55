using OrleansFlow.Domain.Launching;
using OrleansFlow.TaskRuntime.Contract;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.TaskRuntime.Outputs;

/// <summary>Takes what a task left in <c>$FLOW_OUTPUTS</c> and <c>$FLOW_XCOM</c> into safety, after it ended well.</summary>
public static class OutputStager
{
    private const int NamesShown = 20;

    /// <summary>
    /// Stages the files and reads the xcoms, which go over those that were put before. Returns when everything is durable. What cannot be
    /// committed is a result, not an exception.
    /// </summary>
    public static async Task<OutputResult> StageAsync(
        AttemptPlan plan, AttemptFolder folder, XcomDraft put, IAttemptStorage storage, CancellationToken cancellation)
    {
        try
        {
            var xcoms = put.Under(await XcomFile.ReadAsync(folder.Xcom, cancellation));
            var files = FolderListing.Read(folder.Outputs, "$FLOW_OUTPUTS");
            CheckNames(plan, files);
            var large = await LargeXcoms.WriteAsync(folder, xcoms, cancellation);
            var staged = await storage.StageAsync(plan.Dag, plan.Key, [.. files, .. large.Values], cancellation);
            return new OutputResult(Tell(staged, xcoms, large), null);
        }
        catch (Exception e) when (e is OutputProblemException or AttemptStorageException)
        {
            return new OutputResult(null, e.Message) { DiskFull = e.IsDiskFull() };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new OutputResult(null, $"the outputs cannot be read and kept: {e.Message}") { DiskFull = e.IsDiskFull() };
        }
    }

    private static StagedOutputs Tell(
        IReadOnlyList<StagedFile> staged, IReadOnlyDictionary<string, string> xcoms, IReadOnlyDictionary<string, LocalFile> large) =>
        large.Count == 0
            ? new StagedOutputs(staged, xcoms)
            : new StagedOutputs(
                [.. staged.Where(file => !LargeXcoms.Claims(file.Name))],
                xcoms.Where(xcom => !large.ContainsKey(xcom.Key)).ToDictionary(StringComparer.Ordinal))
            {
                LargeXcoms = large.ToDictionary(xcom => xcom.Key, xcom => staged.Single(file => file.Name == xcom.Value.Name), StringComparer.Ordinal),
            };

    private static void CheckNames(AttemptPlan plan, IReadOnlyList<LocalFile> files)
    {
        if (files.Any(file => file.Name == AttemptPaths.Manifest))
            throw new OutputProblemException($"$FLOW_OUTPUTS/{AttemptPaths.Manifest}: this name is taken by the manifest; choose another.");
        if (files.FirstOrDefault(file => LargeXcoms.Claims(file.Name)) is { } taken)
            throw new OutputProblemException($"$FLOW_OUTPUTS/{taken.Name}: the name {AttemptPaths.Xcoms} is taken by xcoms; choose another.");

        var missing = (plan.RequiredOutputs ?? []).Except(files.Select(file => file.Name), StringComparer.Ordinal).ToList();
        if (missing.Count == 0) return;
        var there = files.Count == 0
            ? "the folder is empty"
            : "there is " + string.Join(", ", files.Take(NamesShown).Select(file => file.Name))
                + (files.Count > NamesShown ? $" and {files.Count - NamesShown} more" : "");
        throw new OutputProblemException(
            $"the task ended well, but did not write {string.Join(", ", missing)} into $FLOW_OUTPUTS as its outputs say; {there}.");
    }
}

/// <summary>What became of a task's outputs.</summary>
/// <param name="Outputs">What is staged; null when there is a problem.</param>
/// <param name="Problem">Why the attempt cannot be committed, for the user; null when it can.</param>
public sealed record OutputResult(StagedOutputs? Outputs, string? Problem)
{
    /// <summary>The problem is that there is no room for them: staging again may do.</summary>
    public bool DiskFull { get; init; }
}
