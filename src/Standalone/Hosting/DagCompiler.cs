using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>Makes a stored version ready for scheduling.</summary>
internal static class DagCompiler
{
    /// <summary>Reads the canonical JSON and computes what scheduling needs.</summary>
    public static DagGraph Compile(DagVersion version)
    {
        var spec = CanonicalJson.Read(version.Spec);
        return new DagGraph(spec, PriorityWeights.Of(spec));
    }
}
