using Orleans.Runtime;

namespace OrleansFlow.Silo.Membership;

/// <summary>Who is in the cluster, as one silo knows it at a moment; others may know more. Immutable.</summary>
/// <param name="Living">The silos that are up or on their way out, by the epoch of their seat.</param>
/// <param name="Dead">The epochs of those that are held for dead.</param>
/// <param name="Leader">The epoch of the one that leads: of those that are up, who took its seat first. Null: none is up.</param>
internal sealed record MemberList(IReadOnlyDictionary<long, SiloAddress> Living, IReadOnlySet<long> Dead, long? Leader)
{
    /// <summary>Nobody yet.</summary>
    public static readonly MemberList Empty = new(new Dictionary<long, SiloAddress>(), new HashSet<long>(), null);

    /// <summary>What a snapshot of the membership says.</summary>
    public static MemberList Of(ClusterMembershipSnapshot snapshot)
    {
        var (living, dead) = (new Dictionary<long, SiloAddress>(), new HashSet<long>());
        var leader = default(long?);
        foreach (var member in snapshot.Members.Values)
        {
            if (SiloName.EpochOf(member.Name) is not { } epoch) continue;
            if (member.Status == SiloStatus.Dead) dead.Add(epoch);
            if (member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping) living[epoch] = member.SiloAddress;
            if (member.Status == SiloStatus.Active && !(leader <= epoch)) leader = epoch;
        }

        return new MemberList(living, dead, leader);
    }
}
