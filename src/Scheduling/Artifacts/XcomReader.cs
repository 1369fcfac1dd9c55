using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Templates;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Artifacts;

/// <summary>Reads the xcoms that somebody refers to, and no others; large ones from the artifact store. Thread-safe.</summary>
/// <param name="reader">Where the rows are.</param>
/// <param name="artifacts">Where the large values are.</param>
public sealed class XcomReader(IStateReader reader, IArtifactReader artifacts)
{
    // They are all in memory at once, of a mapped task one of each instance.
    private const long MaxLargeBytes = 64L << 20;

    /// <summary>Reads them. What cannot be had is told and not thrown; only a store that is away throws.</summary>
    public async Task<XcomValues> ReadAsync(RunId run, IReadOnlyCollection<XcomReference> wanted, CancellationToken cancellation)
    {
        if (wanted.Count == 0) return XcomValues.None;
        var named = wanted.ToHashSet();
        var rows = await reader.ReadXcomsAsync(run, [.. wanted.Select(xcom => xcom.Task).Distinct()], cancellation);
        var values = new List<Xcom>();
        var problems = new Dictionary<XcomReference, XcomProblem>();
        long large = 0;
        foreach (var row in rows)
        {
            var reference = new XcomReference(row.Task.Task, row.Key);
            if (!named.Contains(reference) || problems.ContainsKey(reference)) continue;
            if (row.Stored is not { } stored)
            {
                values.Add(row);
            }
            else if ((large += stored.Size) > MaxLargeBytes)
            {
                problems[reference] = new XcomProblem(
                    $"with {reference} the large xcoms that are referred to are more than {MaxLargeBytes:N0} bytes: pass them as files, by outputs and inputs",
                    Permanent: true);
            }
            else
            {
                try
                {
                    values.Add(row with { Value = await FetchAsync(stored, cancellation), Stored = null });
                }
                catch (Exception e) when (e is ArtifactException or IOException)
                {
                    problems[reference] = new XcomProblem(
                        $"{reference} cannot be read from {stored.Uri}: {e.Message} Clear task {reference.Task} to make it anew", Permanent: false);
                }
            }
        }

        return new XcomValues([.. wanted], values, problems);
    }

    private async Task<string> FetchAsync(StoredValue stored, CancellationToken cancellation)
    {
        await using var from = await artifacts.OpenAsync(stored.Uri, cancellation);
        var bytes = new byte[stored.Size];
        var read = await from.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        if (read < bytes.Length || Convert.ToHexStringLower(SHA256.HashData(bytes)) != stored.Sha256)
            throw new ArtifactException("it is not what was committed: somebody has changed it.");
        return Encoding.UTF8.GetString(bytes);
    }
}
