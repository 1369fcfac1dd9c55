using OrleansFlow.Rpc.Health.V1;
using OrleansFlow.Rpc.Server;
using ServingStatus = OrleansFlow.Rpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace OrleansFlow.Rpc.Health;

/// <summary>
/// The public health protocol, <c>grpc.health.v1.Health</c>: whether the server as a whole (the empty name) and each of its services can be used.
/// A server that stops says at once that it cannot. Thread-safe.
/// </summary>
public sealed class HealthService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, bool> _states = new(StringComparer.Ordinal) { [""] = true };
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Makes the service; the server as a whole is healthy.</summary>
    public HealthService() => Service = RpcService.For(HealthReflection.Descriptor.Services[0])
        .Unary<HealthCheckRequest, HealthCheckResponse>("Check", CheckAsync)
        .Unary<HealthListRequest, HealthListResponse>("List", ListAsync)
        .ServerStreaming<HealthCheckRequest, HealthCheckResponse>("Watch", WatchAsync);

    /// <summary>To be mapped.</summary>
    public RpcService Service { get; }

    /// <summary>Sets the state of a service, and tells those who watch it.</summary>
    /// <param name="service">Its full name; empty for the server as a whole.</param>
    /// <param name="healthy">Whether it can be used.</param>
    public void Set(string service, bool healthy)
    {
        ArgumentNullException.ThrowIfNull(service);
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_states.TryGetValue(service, out var before) && before == healthy) return;
            _states[service] = healthy;
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    /// <summary>Sets the state of the server as a whole and of every service that has one.</summary>
    /// <param name="healthy">Whether they can be used.</param>
    public void SetAll(bool healthy)
    {
        string[] services;
        lock (_lock) services = [.. _states.Keys];
        foreach (var service in services) Set(service, healthy);
    }

    private Task<HealthCheckResponse> CheckAsync(HealthCheckRequest request, RpcContext context)
    {
        var state = Look(request.Service, context).State;
        return state != ServingStatus.ServiceUnknown
            ? Task.FromResult(new HealthCheckResponse { Status = state })
            : throw new RpcException(RpcCode.NotFound, $"There is no state of a service '{request.Service}' here.");
    }

    private Task<HealthListResponse> ListAsync(HealthListRequest request, RpcContext context)
    {
        var response = new HealthListResponse();
        lock (_lock)
        {
            foreach (var (service, healthy) in _states)
            {
                response.Statuses[service] = new HealthCheckResponse { Status = StateOf(healthy, context) };
            }
        }

        return Task.FromResult(response);
    }

    private async IAsyncEnumerable<HealthCheckResponse> WatchAsync(HealthCheckRequest request, RpcContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.Stopping, context.Cancellation);
        var told = ServingStatus.Unknown;
        while (true)
        {
            var (state, changed) = Look(request.Service, context);
            if (state != told) yield return new HealthCheckResponse { Status = told = state };
            if (context.Stopping.IsCancellationRequested) yield break;
            await AnyOfAsync(changed, context, either.Token);
        }
    }

    // Not by WhenAny: what it hangs onto a task that others share stays there when it is over.
    private static async Task AnyOfAsync(Task changed, RpcContext context, CancellationToken either)
    {
        try
        {
            await changed.WaitAsync(either);
        }
        catch (OperationCanceledException) when (!context.Cancellation.IsCancellationRequested)
        {
            // it stops
        }
    }

    private (ServingStatus State, Task Changed) Look(string service, RpcContext context)
    {
        lock (_lock)
        {
            return (_states.TryGetValue(service, out var healthy) ? StateOf(healthy, context) : ServingStatus.ServiceUnknown, _changed.Task);
        }
    }

    private static ServingStatus StateOf(bool healthy, RpcContext context) =>
        healthy && !context.Stopping.IsCancellationRequested ? ServingStatus.Serving : ServingStatus.NotServing;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
