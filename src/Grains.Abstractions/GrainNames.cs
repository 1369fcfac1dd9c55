namespace OrleansFlow.Grains.Abstractions;

/// <summary>What grains and their interfaces are called between silos, whatever their types are called in a release.</summary>
public static class GrainNames
{
    /// <summary>The grain of a DAG.</summary>
    public const string Dag = "flow.dag";

    /// <summary>The grain of a run.</summary>
    public const string Run = "flow.run";

    /// <summary>The grain of a task instance.</summary>
    public const string Task = "flow.task";

    /// <summary>The grain of a pool.</summary>
    public const string Pool = "flow.pool";
}
