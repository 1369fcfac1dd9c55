namespace OrleansFlow.Scheduling.Waiting;

/// <summary>Waiting that stays on the scheduler of who waits.</summary>
internal static class TaskCompletionSources
{
    /// <summary>
    /// Waits for the source, or cancels it. <c>Task.WaitAsync(token)</c> would not do: it comes back by way of the thread pool.
    /// </summary>
    public static async Task<T> OrCancelledAsync<T>(this TaskCompletionSource<T> source, CancellationToken cancellation)
    {
        using var registration = cancellation.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<T>)state!).TrySetCanceled(token), source);
        return await source.Task;
    }
}
