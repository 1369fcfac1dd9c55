namespace OrleansFlow.Domain.Dags;

/// <summary>How large a DAG may be.</summary>
public static class DagLimits
{
    /// <summary>The greatest number of tasks.</summary>
    public const int MaxTasks = 50_000;

    /// <summary>The greatest number of arrows between tasks, groups expanded.</summary>
    public const int MaxDependencies = 1_000_000;

    /// <summary>The greatest number that <c>max_map_length</c> may be set to.</summary>
    public const int MaxMapLength = 100_000;
}
