namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>Waits for what becomes true; the ceiling only ends what would never come.</summary>
internal static class Eventually
{
    /// <summary>Longer than anything takes on a slow and busy machine.</summary>
    public static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(120);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static Task TrueAsync(Func<Task<bool>> condition, string what) =>
        FindAsync(async () => await condition() ? "" : null, what);

    /// <summary>The first answer that is not null.</summary>
    public static async Task<T> FindAsync<T>(Func<Task<T?>> ask, string what) where T : class
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await ask() is { } found) return found;
            if (TimeProvider.System.GetElapsedTime(began) > Ceiling) throw new TimeoutException($"never happened: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }
}
