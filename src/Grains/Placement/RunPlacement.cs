using Orleans.Placement;
using Orleans.Runtime;

namespace OrleansFlow.Grains.Placement;

/// <summary>A run and its tasks on one silo, found by hash of the run; the tasks of large runs, DAGs and pools by hash of their own key.</summary>
public sealed class RunPlacement : PlacementStrategy;

/// <summary>Places the grain by <see cref="RunPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RunPlacementAttribute() : PlacementAttribute(new RunPlacement());
