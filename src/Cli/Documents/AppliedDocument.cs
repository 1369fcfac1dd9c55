using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Documents;

/// <summary>What applying a file did, or would do.</summary>
/// <param name="Source">The file.</param>
/// <param name="Change">What it did.</param>
/// <param name="PreviousHash">The version that was current before.</param>
/// <param name="Changes">What differs, when it was looked at.</param>
internal sealed record AppliedDocument(DagSource Source, ApplyOutcome Change, string? PreviousHash, IReadOnlyList<DagChange> Changes)
{
    public static readonly Shape<AppliedDocument> Shape = new Shape<AppliedDocument>()
        .Text("dag", a => a.Source.Version!.Spec.Id.Value, "DAG")
        .Name("change", a => (ApplyOutcome?)a.Change, "CHANGE")
        .Text("version", a => a.Source.Version!.Hash)
        .Text("previousVersion", a => a.PreviousHash)
        .Column("VERSION", a => Versions.Short(a.Source.Version!.Hash))
        .Text("file", a => a.Source.File, "FILE")
        .List("changes", a => a.Changes, ChangeDocument.Shape)
        .Column("CHANGES", a => a.Changes.Count == 0 ? null : string.Join(", ", a.Changes.Select(c => c.Path)));
}

/// <summary>The description of a difference between two versions.</summary>
internal static class ChangeDocument
{
    public static readonly Shape<DagChange> Shape = new Shape<DagChange>()
        .Text("path", c => c.Path, "PATH")
        .Json("before", c => c.Before)
        .Json("after", c => c.After);

    /// <summary><c>tasks.train.retries: 1 -> 3</c>.</summary>
    public static string Line(DagChange change) => (change.Before, change.After) switch
    {
        (null, var after) => $"{change.Path}: added {after}",
        (var before, null) => $"{change.Path}: removed {before}",
        var (before, after) => $"{change.Path}: {before} -> {after}",
    };
}

/// <summary>Versions for people.</summary>
internal static class Versions
{
    /// <summary>The first twelve digits: enough to tell them apart.</summary>
    public static string? Short(string? hash) => hash is { Length: > 12 } ? hash[..12] : hash;
}
