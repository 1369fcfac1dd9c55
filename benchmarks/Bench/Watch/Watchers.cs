using OrleansFlow.Bench.Measuring;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;

namespace OrleansFlow.Bench.Watch;

/// <summary>
/// Many streams of one run over a few connections. The lag of a change is the time from the end of its task, on the host's clock and before
/// the commit, to the moment a watcher has a state that holds it. Thread-safe.
/// </summary>
internal sealed class Watchers(string address, string token, string run, TimeProvider time)
{
    private const int StreamsPerConnection = 250;

    private static readonly RpcMethod<WatchRunRequest, WatchRunResponse> Watch =
        RpcMethod.Of<WatchRunRequest, WatchRunResponse>(RunServiceReflection.Descriptor.Services[0], "WatchRun");

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private long _messages;
    private double _greatest;

    /// <summary>Of every change at every watcher.</summary>
    public Latencies Lags { get; } = new();

    /// <summary>Messages that were received once all watchers were there.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    /// <summary>The greatest lag. Milliseconds.</summary>
    public double Greatest => _greatest;

    /// <summary>Completes when every watcher has the run as it was.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Watches until the run has ended.</summary>
    public async Task WatchAsync(int count, CancellationToken cancellation)
    {
        _waiting = count;
        var channels = Enumerable.Range(0, (count + StreamsPerConnection - 1) / StreamsPerConnection).Select(_ => Connect()).ToArray();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(i => WatchAsync(channels[i % channels.Length], cancellation)));
        }
        catch (Exception e)
        {
            _ready.TrySetException(e);
            throw;
        }
        finally
        {
            foreach (var channel in channels) channel.Dispose();
        }
    }

    private RpcChannel Connect() => new(address, new RpcChannelOptions { BearerToken = _ => ValueTask.FromResult<string?>(token), MaxReceiveMessageSize = 32 << 20 });

    private async Task WatchAsync(RpcChannel channel, CancellationToken cancellation)
    {
        var isThere = false;
        var state = RunState.Unspecified;
        await foreach (var message in channel.ServerStreaming(Watch, new WatchRunRequest { Name = run, StatesOnly = true }, cancellation: cancellation))
        {
            if (isThere) Note(message);
            if (message.Run is { } now) state = now.State;
            if (isThere || message.More) continue;
            isThere = true;
            if (Interlocked.Decrement(ref _waiting) == 0) _ready.TrySetResult();
        }

        if (state != RunState.Success) throw new BenchException($"a stream of run {run} ended with the state {state}");
    }

    private void Note(WatchRunResponse message)
    {
        var now = time.GetUtcNow();
        Interlocked.Increment(ref _messages);
        foreach (var task in message.ChangedTasks)
        {
            if (task.State != TaskState.Success) continue;
            var lag = (now - task.EndTime.ToDateTimeOffset()).TotalMilliseconds;
            Lags.Add(lag);
            double known;
            while (lag > (known = Volatile.Read(ref _greatest)) && Interlocked.CompareExchange(ref _greatest, lag, known) != known)
            {
                // another watcher was faster
            }
        }
    }
}
