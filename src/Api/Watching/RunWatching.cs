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
    private readonly StreamGate _gate = new("WatchRun", parts.Limits.MaxRunWatches, parts.Limits.MaxConnectionStreams);

    public async IAsyncEnumerable<WatchRunResponse> WatchAsync(WatchRunRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var run = check.Read("name", request.Name, ResourceNames.RunForm, ResourceNames.Run);
        check.ThrowIfWrong();
        var position = new WatchPosition(0, RunCursor.Read(run, request.Cursor));
        using var place = _gate.Enter(context);
        using var lease = await feeds.JoinAsync(run, context.Cancellation);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.Stopping, context.Cancellation);
        await context.SendHeadersAsync();
        while (true)
        {
            var step = lease.Feed.Next(position, request.StatesOnly);
            foreach (var message in step.Messages) yield return message;
            if (step.IsLast) yield break;
            if (context.Stopping.IsCancellationRequested) throw ApiError.NotInCharge();
            position = step.Position;
            await ChangedAsync(step.Changed, context, either.Token);
        }
    }

    /// <summary>Returns when something that all watchers share has changed, or the server stops.</summary>
    // Not by WhenAny: what it hangs onto a task that all watchers share stays there when this one is gone.
    internal static async Task ChangedAsync(Task changed, RpcContext context, CancellationToken either)
    {
        try
        {
            await changed.WaitAsync(either);
        }
        catch (OperationCanceledException) when (!context.Cancellation.IsCancellationRequested)
        {
            // the server stops, which is looked at next
        }
    }
}
