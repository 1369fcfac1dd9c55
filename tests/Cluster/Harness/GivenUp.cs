using System.Collections.Concurrent;
using Orleans;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>Sees which calls of a method their callers have given up. Thread-safe.</summary>
internal sealed class GivenUp(string method) : IIncomingGrainCallFilter
{
    private readonly ConcurrentBag<CancellationToken> _calls = [];

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.Name == method) _calls.Add(context.Request.GetCancellationToken());
        return context.Invoke();
    }

    /// <summary>Returns when there have been calls, and all of them are given up.</summary>
    public async Task AllAsync()
    {
        for (var i = 0; _calls.IsEmpty || _calls.Any(call => !call.IsCancellationRequested); i++)
        {
            if (i == 3000) throw new TimeoutException($"of {_calls.Count} calls of {method} {_calls.Count(call => !call.IsCancellationRequested)} are waited for");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
