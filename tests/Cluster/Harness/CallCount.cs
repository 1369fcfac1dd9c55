using Orleans;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>Counts the calls of a method that grains have begun to handle. Thread-safe.</summary>
internal sealed class CallCount(string method) : IIncomingGrainCallFilter
{
    private int _begun;

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.Name == method) Interlocked.Increment(ref _begun);
        return context.Invoke();
    }

    /// <summary>Returns when there have been as many.</summary>
    public async Task ReachedAsync(int count)
    {
        for (var i = 0; Volatile.Read(ref _begun) < count; i++)
        {
            if (i == 6000) throw new TimeoutException($"{Volatile.Read(ref _begun)} calls of {method} have begun, and not {count}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
