using DagChange = OrleansFlow.Scheduling.Peers.DagChange;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Output;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Documents;

/// <summary>What applying a file did, or would do.</summary>
/// <param name="Source">The file.</param>
/// <param name="Change">What it did.</param>
/// <param name="PreviousHash">The version that was current before.</param>
/// <param name="Changes">What differs, when it was looked at.</param>
internal sealed record AppliedDocument(DagSource Source, DagChange Change, string? PreviousHash, IReadOnlyList<string> Changes)
{
    public static readonly Shape<AppliedDocument> Shape = new Shape<AppliedDocument>()
        .Text("dag", a => a.Source.Version!.Spec.Id.Value, "DAG")
        .Name("change", a => (DagChange?)a.Change, "CHANGE")
        .Text("version", a => a.Source.Version!.Hash)
        .Text("previousVersion", a => a.PreviousHash)
        .Column("VERSION", a => Versions.Short(a.Source.Version!.Hash))
        .Text("file", a => a.Source.File, "FILE")
        .Texts("changes", a => a.Changes, "CHANGES");
}

/// <summary>Versions for people.</summary>
internal static class Versions
{
    /// <summary>The first twelve digits: enough to tell them apart.</summary>
    public static string? Short(string? hash) => hash is { Length: > 12 } ? hash[..12] : hash;
}
