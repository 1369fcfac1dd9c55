using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Notices;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>Tells the other hosts of a database which runs change here, and those who watch here which runs change there, until it is disposed.</summary>
internal sealed class Relaying : IAsyncDisposable
{
    private readonly PostgresRunNotices _notices;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private Relaying(PostgresRunNotices notices, ChangeRelay relay)
    {
        _notices = notices;
        _running = Task.Run(() => relay.RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Begins.</summary>
    /// <param name="connections">Of this host.</param>
    /// <param name="changes">Of this host.</param>
    /// <param name="observer">Hears of defects.</param>
    /// <param name="time">Time.</param>
    public static Relaying Start(PostgresConnections connections, RowChanges changes, IEngineObserver observer, TimeProvider time)
    {
        var notices = new PostgresRunNotices(connections);
        return new Relaying(notices, new ChangeRelay(changes, notices, observer, time));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _notices.DisposeAsync();
        _stop.Dispose();
    }
}
