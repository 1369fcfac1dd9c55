using Orleans;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Grains.Abstractions;

/// <summary>The grain of a DAG; its key is the DAG's id.</summary>
[Alias("flow.dag")]
public interface IDagGrain : IDag, IGrainWithStringKey;

/// <summary>The grain of a run; its key is the run's id.</summary>
[Alias("flow.run")]
public interface IDagRunGrain : IDagRun, IGrainWithStringKey;

/// <summary>The grain of a task instance; its key is that of <see cref="GrainKeys"/>.</summary>
[Alias("flow.task")]
public interface ITaskInstanceGrain : ITaskInstance, IGrainWithStringKey;

/// <summary>The grain of a pool; its key is the pool's name.</summary>
[Alias("flow.pool")]
public interface IPoolGrain : IPool, IGrainWithStringKey;
