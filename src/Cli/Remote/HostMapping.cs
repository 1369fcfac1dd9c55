using OrleansFlow.Cli.Documents;
using OrleansFlow.Contracts.V1;
using LiveCoordinators = OrleansFlow.Scheduling.Hosting.LiveCoordinators;

namespace OrleansFlow.Cli.Remote;

/// <summary>A server's hosts as documents. Pure.</summary>
internal static class HostMapping
{
    public static HostDocument Document(Host host) => new(
        host.Name["hosts/".Length..], host.Engine.ToString().ToLowerInvariant(), State(host), host.InCharge)
    {
        Since = host.SinceTime?.ToDateTimeOffset(),
        Epoch = host.Epoch > 0 ? host.Epoch : null,
        LeaseUntil = host.LeaseExpireTime?.ToDateTimeOffset(),
        Version = RunMapping.Text(host.Version),
        Address = RunMapping.Text(host.Address),
        Live = host.Live is { } live ? new LiveCoordinators(live.DagCount, live.RunCount, live.TaskCount, live.PoolCount) : null,
        Notice = RunMapping.Text(host.Notice),
        NoticedAt = host.NoticeTime?.ToDateTimeOffset(),
    };

    // Older servers do not say what their hosts do, and list none that stand by.
    private static string State(Host host) => host.State switch
    {
        HostState.Unspecified => host.InCharge ? "active" : "silent",
        var state => state.ToString().ToLowerInvariant(),
    };
}
