using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Orleans.Runtime;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>A membership that a test tells. Whoever follows it hears the last news first. Thread-safe.</summary>
internal sealed class FakeMembership : IClusterMembershipService
{
    private readonly Lock _lock = new();
    private readonly List<Channel<ClusterMembershipSnapshot>> _followers = [];
    private long _version;

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = Snapshot(0);

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => Follow().Reader.ReadAllAsync();

    /// <summary>A snapshot of named silos, each at an address of its own.</summary>
    public static ClusterMembershipSnapshot Snapshot(long version, params (string Name, SiloStatus Status)[] members) => new(
        members.Select((member, i) => new ClusterMember(SiloAddress.New(IPAddress.Loopback, 1 + i, 1), member.Status, member.Name))
            .ToImmutableDictionary(member => member.SiloAddress),
        new MembershipVersion(version));

    /// <summary>Says who is a member from now on, by the epochs of their seats.</summary>
    public void Tell(params (long Seat, SiloStatus Status)[] members)
    {
        lock (_lock)
        {
            CurrentSnapshot = Snapshot(++_version, [.. members.Select(member => (member.Seat.ToString("'silo.'0", CultureInfo.InvariantCulture), member.Status))]);
            foreach (var follower in _followers) follower.Writer.TryWrite(CurrentSnapshot);
        }
    }

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public Task<bool> TryKill(SiloAddress siloAddress) => Task.FromResult(false);

    private Channel<ClusterMembershipSnapshot> Follow()
    {
        var follower = Channel.CreateUnbounded<ClusterMembershipSnapshot>();
        lock (_lock)
        {
            follower.Writer.TryWrite(CurrentSnapshot);
            _followers.Add(follower);
        }

        return follower;
    }
}
