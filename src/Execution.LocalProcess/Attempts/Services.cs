using OrleansFlow.Execution.LocalProcess.Processes;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>What the attempts of a backend share.</summary>
internal sealed class Services(
    LocalProcessOptions options, IAttemptStorage storage, IConnections connections, TimeProvider time, Action<AttemptStatus> observed) : IDisposable
{
    public LocalProcessOptions Options { get; } = options;

    public IAttemptStorage Storage { get; } = storage;

    public IConnections Connections { get; } = connections;

    public TimeProvider Time { get; } = time;

    public Action<AttemptStatus> Observed { get; } = observed;

    public FolderTree Folders { get; } = new(options.Attempts);

    public ChildWaiter Children { get; } = new(time);

    public ProcessEnder Ender { get; } = new(new ProcessTable(), time);

    public RoomQueue Room { get; } = new(options, time);

    public SemaphoreSlim Starts { get; } = new(options.ParallelStarts);

    public SemaphoreSlim Staging { get; } = new(options.ParallelStaging);

    public void Dispose()
    {
        Children.Dispose();
        Starts.Dispose();
        Staging.Dispose();
    }
}
