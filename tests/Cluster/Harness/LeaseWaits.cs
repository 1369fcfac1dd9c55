using System.Diagnostics;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>Hears when Orleans' strongly consistent directory makes somebody wait for the end of a dead silo's lease.</summary>
internal sealed class LeaseWaits : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable _listeners;
    private IDisposable? _directory;

    public LeaseWaits() => _listeners = DiagnosticListener.AllListeners.Subscribe(this);

    /// <summary>Ends when somebody begins to wait.</summary>
    public Task First => _first.Task;

    /// <inheritdoc/>
    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Orleans.GrainDirectory") _directory = value.Subscribe(this, name => name == "OperationDelayedByLeaseHold");
    }

    /// <inheritdoc/>
    public void OnNext(KeyValuePair<string, object?> value) => _first.TrySetResult();

    /// <inheritdoc/>
    public void OnCompleted()
    {
    }

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listeners.Dispose();
        _directory?.Dispose();
    }
}
