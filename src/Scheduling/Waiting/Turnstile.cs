namespace OrleansFlow.Scheduling.Waiting;

/// <summary>
/// Lets through as many as it was told to; the others wait in order. Thread-safe. Stands in for <see cref="SemaphoreSlim"/>, whose
/// cancellable waits come back on the thread pool instead of the scheduler of who waits.
/// </summary>
/// <param name="free">How many may pass at once.</param>
internal sealed class Turnstile(int free)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource<bool>> _waiting = new();
    private int _free = free;

    /// <summary>Returns once it may pass.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before that.</exception>
    public Task PassAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var place = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return Task.CompletedTask;
            }

            _waiting.Enqueue(place);
        }

        return place.OrCancelledAsync(cancellation);
    }

    /// <summary>One more may pass.</summary>
    public void Release()
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out var place))
                if (place.TrySetResult(true)) return;
            _free++;
        }
    }

    /// <summary>Takes all that could pass just now.</summary>
    public void Drain()
    {
        lock (_lock) _free = 0;
    }
}
