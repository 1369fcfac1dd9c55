using Orleans;
using Orleans.Runtime;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Grains.Abstractions;

/// <summary>The grain of a DAG; its key is the DAG's id.</summary>
[Alias(GrainNames.Dag)]
[GrainInterfaceType(GrainNames.Dag)]
public interface IDagGrain : IDag, IGrainWithStringKey;

/// <summary>The grain of a run; its key is the run's id.</summary>
[Alias(GrainNames.Run)]
[GrainInterfaceType(GrainNames.Run)]
public interface IDagRunGrain : IDagRun, IGrainWithStringKey;

/// <summary>The grain of a task instance; its key is that of <see cref="GrainKeys"/>.</summary>
[Alias(GrainNames.Task)]
[GrainInterfaceType(GrainNames.Task)]
public interface ITaskInstanceGrain : ITaskInstance, IGrainWithStringKey;

/// <summary>The grain of a pool; its key is the pool's name.</summary>
[Alias(GrainNames.Pool)]
[GrainInterfaceType(GrainNames.Pool)]
public interface IPoolGrain : IPool, IGrainWithStringKey;
