using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Bench.Throughput;

/// <summary>The DAG of the bench: layers of tasks, each of which needs the whole layer above.</summary>
internal static class LayeredDag
{
    public const int Layers = 5;
    public const int Width = 5;
    public const int Tasks = Layers * Width;

    public static readonly DagId Id = new("throughput");

    public static ApplyDag Version()
    {
        var json = CanonicalJson.Write(new DagSpec
        {
            Id = Id,
            MaxActiveRuns = 1_000_000,
            Tasks = [.. Enumerable.Range(0, Layers).SelectMany(layer => Enumerable.Range(0, Width).Select(place => Task(layer, place)))],
        });
        return new ApplyDag(CanonicalJson.Hash(json), json, null);
    }

    private static TaskSpec Task(int layer, int place) => new()
    {
        Id = Name(layer, place),
        Action = new CommandAction(["true"], []),
        Needs = layer == 0 ? [] : [.. Enumerable.Range(0, Width).Select(above => Name(layer - 1, above))],
    };

    private static TaskId Name(int layer, int place) => new($"t{layer}_{place}");
}
