namespace OrleansFlow.Tests.Rpc.Harness;

/// <summary>How long anything may take before a test gives up: far more than a busy machine needs.</summary>
internal static class Ceiling
{
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(60);

    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(Time, TimeProvider.System);

    public static Task InTimeAsync(this Task task) => task.WaitAsync(Time, TimeProvider.System);
}
