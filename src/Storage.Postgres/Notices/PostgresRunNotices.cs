using System.Data;
using Npgsql;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Connections;

namespace OrleansFlow.Storage.Postgres.Notices;

/// <summary>
/// Notices by PostgreSQL's LISTEN and NOTIFY, on a connection of its own for each. Never within the transactions of commits: a transaction that
/// notifies holds a lock of the whole server while it commits. Who tells waits for no disk.
/// </summary>
/// <param name="connections">This host's.</param>
public sealed class PostgresRunNotices(PostgresConnections connections) : IRunNotices, IAsyncDisposable
{
    private NpgsqlConnection? _telling;

    /// <inheritdoc/>
    public async Task TellAsync(ChangedRuns news, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(news);
        var texts = NoticeText.Write(connections.HostId, news);
        if (texts.Count == 0) return;
        try
        {
            if (_telling is not { State: ConnectionState.Open }) await ConnectAsync(cancellation);
            await Reading.Reading.ExecuteAsync(_telling!, "TellChangedRuns", cancellation, texts);
        }
        catch (Exception failure) when (Failures.Translate(failure, committing: false) is { } known)
        {
            throw known;
        }
    }

    /// <inheritdoc/>
    public async Task ListenAsync(Action<ChangedRuns> heard, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(heard);
        try
        {
            await using var connection = await connections.OpenDedicatedAsync(cancellation);
            connection.Notification += (_, notice) =>
            {
                if (NoticeText.Read(connections.HostId, notice.Payload) is { } news) heard(news);
            };
            await Reading.Reading.ExecuteAsync(connection, "ListenToChangedRuns", cancellation);
            heard(ChangedRuns.All);
            while (true) await connection.WaitAsync(cancellation);
        }
        catch (Exception failure) when (Failures.Translate(failure, committing: false) is { } known)
        {
            throw known;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_telling is { } telling) await telling.DisposeAsync();
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        if (_telling is { } broken) await broken.DisposeAsync();
        _telling = null;
        _telling = await connections.OpenDedicatedAsync(cancellation, "-c synchronous_commit=off");
    }
}
