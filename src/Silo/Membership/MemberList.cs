using Orleans.Runtime;

namespace OrleansFlow.Silo.Membership;

/// <summary>Who is in the cluster, as one silo knows it at a moment; others may know more. Immutable.</summary>
/// <param name="Living">The silos that are up or on their way out, by the epoch of their seat.</param>
/// <param name="Active">The epochs of those that are up, in order. Who took its seat first leads.</param>
/// <param name="Dead">The epochs of those that are held for dead.</param>
internal sealed record MemberList(IReadOnlyDictionary<long, SiloAddress> Living, IReadOnlyList<long> Active, IReadOnlySet<long> Dead)
{
    /// <summary>Nobody yet.</summary>
    public static readonly MemberList Empty = new(new Dictionary<long, SiloAddress>(), [], new HashSet<long>());

    /// <summary>The epoch of the one that leads; null: none is up.</summary>
    public long? Leader => Active.Count > 0 ? Active[0] : null;

    /// <summary>What a snapshot of the membership says.</summary>
    public static MemberList Of(ClusterMembershipSnapshot snapshot)
    {
        var (living, active, dead) = (new Dictionary<long, SiloAddress>(), new List<long>(), new HashSet<long>());
        foreach (var member in snapshot.Members.Values)
        {
            if (SiloName.EpochOf(member.Name) is not { } epoch) continue;
            if (member.Status == SiloStatus.Dead) dead.Add(epoch);
            if (member.Status == SiloStatus.Active) active.Add(epoch);
            if (member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping) living[epoch] = member.SiloAddress;
        }

        active.Sort();
        return new MemberList(living, active, dead);
    }
}
