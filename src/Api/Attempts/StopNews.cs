using System.Runtime.CompilerServices;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Api.Attempts;

/// <summary>What an attempt hears of its stop.</summary>
internal static class StopNews
{
    /// <summary>
    /// Says whether the attempt is to stop, and again with each change, until it ends. A stop that the desk heard of before the end is said before this ends.
    /// </summary>
    /// <param name="desk">The attempt's.</param>
    /// <param name="cancellation">The listener is gone.</param>
    public static async IAsyncEnumerable<StopOrder?> OfAsync(IAttemptDesk desk, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(desk.Closed, cancellation);
        for (StopOrder? said = null; ;)
        {
            // looked at first: what was decided before it is in what is read then
            var ended = desk.Closed.IsCancellationRequested;
            var (order, changed) = desk.Stop;
            if (!ended || order != said) yield return order;
            if (ended) yield break;
            said = order;
            await changed.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
