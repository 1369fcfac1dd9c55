using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Notices;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>
/// Until it is disposed: writes how far the tasks of this host are to where all who look can read it, and where hosts share the database tells the others
/// which runs change here, and those who watch here which runs change there.
/// </summary>
internal sealed class Relaying : IAsyncDisposable
{
    private readonly PostgresRunNotices _notices;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private Relaying(PostgresRunNotices notices, ProgressRelay progress, ChangeRelay? relay)
    {
        (_notices, Progress) = (notices, progress);
        _running = Task.WhenAll(Task.Run(() => progress.RunAsync(_stop.Token)), relay is null ? Task.CompletedTask : Task.Run(() => relay.RunAsync(_stop.Token)));
    }

    /// <summary>Told how far tasks say they are.</summary>
    public ProgressRelay Progress { get; }

    /// <summary>Begins.</summary>
    /// <param name="connections">Of this host.</param>
    /// <param name="changes">Of this host.</param>
    /// <param name="toOthers">Whether other hosts share the database.</param>
    /// <param name="observer">Hears of defects.</param>
    /// <param name="time">Time.</param>
    public static Relaying Start(PostgresConnections connections, RowChanges changes, bool toOthers, IEngineObserver observer, TimeProvider time)
    {
        var notices = new PostgresRunNotices(connections);
        return new Relaying(
            notices,
            new ProgressRelay(new PostgresProgress(connections), changes, observer, time),
            toOthers ? new ChangeRelay(changes, notices, observer, time) : null);
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
