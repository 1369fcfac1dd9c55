using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>How many coordinators a host has in memory, by kind; in a cluster they are grains.</summary>
/// <param name="Dags">Of DAGs.</param>
/// <param name="Runs">Of runs.</param>
/// <param name="Tasks">Of task instances.</param>
/// <param name="Pools">Of pools.</param>
public sealed record LiveCoordinators(int Dags, int Runs, int Tasks, int Pools)
{
    /// <summary>Counts them.</summary>
    /// <param name="liveOf">How many there are of a kind: <see cref="Engine.LiveOf"/>.</param>
    public static LiveCoordinators Of(Func<RowKind, int> liveOf)
    {
        ArgumentNullException.ThrowIfNull(liveOf);
        return new(liveOf(RowKind.Dag), liveOf(RowKind.Run), liveOf(RowKind.Task), liveOf(RowKind.Pool));
    }
}
