using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>What never changes of a run: its header and the compiled DAG version it is pinned to.</summary>
/// <param name="Header">The run as it was created; only its unchanging fields may be read.</param>
/// <param name="Graph">The DAG version.</param>
public sealed record RunFrame(DagRun Header, DagGraph Graph)
{
    private int? _instances;

    /// <summary>How many task instances the run has, or will have when it starts.</summary>
    public int Instances => _instances ??= Graph.Spec.Tasks.All(task => task.Map is null) ? Graph.Count : RunExpansion.Expand(Graph, Header).Tasks.Count;
}

/// <summary>Finds the frames of runs, and compiles each DAG version once for all of its runs. Thread-safe.</summary>
/// <param name="reader">Where they are loaded from.</param>
/// <param name="compile">Compiles a stored version.</param>
/// <param name="capacity">How many runs and versions are kept.</param>
public sealed class RunCatalog(IStateReader reader, Func<DagVersion, DagGraph> compile, int capacity = 4096)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RunId, RunFrame> _frames = [];
    private readonly Dictionary<string, DagGraph> _graphs = new(StringComparer.Ordinal);
    private readonly Queue<RunId> _framesByAge = new();
    private readonly Queue<string> _graphsByAge = new();

    /// <summary>The frame of a run; null when there is no such run.</summary>
    public async Task<RunFrame?> FindAsync(RunId run, CancellationToken cancellation)
    {
        lock (_lock)
            if (_frames.TryGetValue(run, out var known)) return known;
        var header = await reader.ReadRunAsync(run, cancellation);
        return header is null ? null : await FrameAsync(header, cancellation);
    }

    /// <summary>The frame of a run whose row is at hand.</summary>
    public async Task<RunFrame> FrameAsync(DagRun header, CancellationToken cancellation)
    {
        var graph = await GraphAsync(header.VersionHash, cancellation)
            ?? throw new InvalidOperationException($"run {header.Id} is pinned to version {header.VersionHash}, which is not stored");
        var frame = new RunFrame(header, graph);
        lock (_lock) Keep(_frames, _framesByAge, header.Id, frame);
        return frame;
    }

    /// <summary>A compiled version; null when it is unknown.</summary>
    public async Task<DagGraph?> GraphAsync(string hash, CancellationToken cancellation)
    {
        lock (_lock)
            if (_graphs.TryGetValue(hash, out var known)) return known;
        return await reader.ReadVersionAsync(hash, cancellation) is { } version ? Compile(version) : null;
    }

    /// <summary>Compiles a version that is not stored yet.</summary>
    public DagGraph Compile(DagVersion version)
    {
        lock (_lock)
            if (_graphs.TryGetValue(version.Hash, out var known)) return known;
        var graph = compile(version);
        lock (_lock) Keep(_graphs, _graphsByAge, version.Hash, graph);
        return graph;
    }

    private void Keep<TKey, TValue>(Dictionary<TKey, TValue> kept, Queue<TKey> byAge, TKey key, TValue value) where TKey : notnull
    {
        if (!kept.TryAdd(key, value)) return;
        byAge.Enqueue(key);
        if (kept.Count > capacity) kept.Remove(byAge.Dequeue());
    }
}
