using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Peers;

/// <summary>Reaching a coordinator by its row.</summary>
public static class PeerRows
{
    /// <summary>Whoever owns a row: an <see cref="IDag"/>, an <see cref="IDagRun"/>, an <see cref="ITaskInstance"/> or an <see cref="IPool"/>.</summary>
    /// <param name="peers">How it is reached.</param>
    /// <param name="row">The row.</param>
    public static object OwnerOf(this IPeers peers, RowKey row) => row.Kind switch
    {
        RowKind.Dag => peers.Dag(new DagId(row.Id)),
        RowKind.Run => peers.Run(new RunId(row.Id)),
        RowKind.Task => peers.Task(row.AsTask()),
        _ => peers.Pool(row.Id),
    };

    /// <summary>Wakes whoever owns a row.</summary>
    /// <param name="peers">How it is reached.</param>
    /// <param name="row">The row.</param>
    /// <param name="version">The stamp of the wake; null: none.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task WakeAsync(this IPeers peers, RowKey row, long? version, CancellationToken cancellation) => row.Kind switch
    {
        RowKind.Dag => peers.Dag(new DagId(row.Id)).WakeAsync(new Wake(version), cancellation),
        RowKind.Run => peers.Run(new RunId(row.Id)).WakeAsync(new Wake(version), cancellation),
        RowKind.Task => peers.Task(row.AsTask()).WakeAsync(new Wake(version), cancellation),
        _ => peers.Pool(row.Id).ReleasedAsync(new SlotsReleased(0), cancellation),
    };
}
