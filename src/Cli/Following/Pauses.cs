using System.Runtime.CompilerServices;

namespace OrleansFlow.Cli.Following;

/// <summary>Streams that also say when nothing comes.</summary>
internal static class Pauses
{
    /// <summary>What comes, and null whenever nothing has come for a while.</summary>
    /// <param name="source">What comes. It is asked for the next when the one before was taken.</param>
    /// <param name="pause">How long a while is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="wake">Asked for a task that ends a while early; null: none does.</param>
    public static async IAsyncEnumerable<T?> WithPauses<T>(
        this IAsyncEnumerable<T> source, TimeSpan pause, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellation, Func<Task>? wake = null)
        where T : class
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var items = source.GetAsyncEnumerator(stop.Token);
        var next = default(Task<bool>);
        try
        {
            while (true)
            {
                next ??= items.MoveNextAsync().AsTask();
                if (!next.IsCompleted && await PausesFirstAsync(next, pause, time, wake))
                {
                    yield return null;
                    continue;
                }

                var more = await next;
                next = null;
                if (!more) yield break;
                yield return items.Current;
            }
        }
        finally
        {
            await stop.CancelAsync();
            // a source that is still moving cannot be disposed
            if (next is not null) await Task.WhenAny(next);
            await items.DisposeAsync();
        }
    }

    private static async Task<bool> PausesFirstAsync(Task next, TimeSpan pause, TimeProvider time, Func<Task>? wake)
    {
        using var over = new CancellationTokenSource();
        var waiting = Task.Delay(pause, time, over.Token);
        var first = wake is null ? await Task.WhenAny(next, waiting) : await Task.WhenAny(next, waiting, wake());
        await over.CancelAsync();
        return first != next;
    }
}
