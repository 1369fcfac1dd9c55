using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Storage.Postgres.Notices;

/// <summary>How far attempts say they are, in a table that no log of PostgreSQL knows: whoever writes to it waits for no disk. Thread-safe.</summary>
/// <param name="connections">This host's.</param>
public sealed class PostgresProgress(PostgresConnections connections) : IProgressRows
{
    /// <inheritdoc/>
    public async Task WriteAsync(IReadOnlyList<AttemptProgress> news, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(news);
        var said = news.Where(one => one.Progress is not null).ToList();
        var over = news.Where(one => one.Progress is null).ToList();
        if (said.Count > 0)
        {
            await connections.Reader.ExecuteAsync(
                "WriteProgress", cancellation,
                [.. Keys(said), said.Select(one => one.Progress!.Fraction), said.Select(one => one.Progress!.Message), said.Select(one => one.Progress!.At)]);
        }

        if (over.Count > 0) await connections.Reader.ExecuteAsync("RemoveProgress", cancellation, Keys(over));
    }

    /// <inheritdoc/>
    public Task PruneAsync(CancellationToken cancellation) => connections.Reader.ExecuteAsync("PruneProgress", cancellation);

    private static object?[] Keys(IReadOnlyList<AttemptProgress> news) =>
    [
        news.Select(one => one.Attempt.Task.Run.Value), news.Select(one => one.Attempt.Task.Task), news.Select(one => one.Attempt.Task.MapIndex),
        news.Select(one => one.Attempt.Epoch),
    ];
}
