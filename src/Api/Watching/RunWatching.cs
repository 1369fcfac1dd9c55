using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Security;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Watching;

/// <summary><c>WatchRun</c>: the state of a run as it changes.</summary>
internal sealed class RunWatching(ApiParts parts, RunFeeds feeds)
{
    private readonly StreamGate _gate = new("the number of open WatchRun streams", parts.Limits.MaxRunWatches);

    public async IAsyncEnumerable<WatchRunResponse> WatchAsync(WatchRunRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var run = check.Read("name", request.Name, ResourceNames.RunForm, ResourceNames.Run);
        check.ThrowIfWrong();
        var position = new WatchPosition(0, RunCursor.Read(run, request.Cursor));
        using var place = _gate.Enter();
        using var lease = await feeds.JoinAsync(run, context.Cancellation);
        using var stopping = new StopSignal(context.Stopping);
        await context.SendHeadersAsync();
        while (true)
        {
            var step = lease.Feed.Next(position, request.StatesOnly);
            foreach (var message in step.Messages) yield return message;
            if (step.IsLast) yield break;
            if (context.Stopping.IsCancellationRequested) throw ApiError.NotInCharge();
            position = step.Position;
            await Task.WhenAny(step.Changed, stopping.Task).WaitAsync(context.Cancellation);
        }
    }
}

/// <summary>A token as a task.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _registration;

    public StopSignal(CancellationToken token) =>
        _registration = token.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), _asked);

    /// <summary>Completes when it is cancelled.</summary>
    public Task Task => _asked.Task;

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();
}
