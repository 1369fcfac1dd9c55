using Orleans.Configuration;

namespace OrleansFlow.Silo.Membership;

/// <summary>
/// How silos find out about each other's death. Quick rather than sure: a silo that is held for dead by mistake costs its tasks and a restart, and
/// commits nothing meanwhile, since the store is the fence; a dead one that is held for alive costs everybody's time.
/// </summary>
internal static class MembershipSettings
{
    /// <summary>How long a call between silos waits before it is made again. A commit takes milliseconds, and every message may be repeated.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Sets them. What is not named here has Orleans' default.</summary>
    public static void Apply(ClusterMembershipOptions options)
    {
        // a silent silo is dead after two seconds
        options.ProbeTimeout = TimeSpan.FromSeconds(1);
        options.NumMissedProbesLimit = 2;
        // a busy machine does not make its own silo more patient than this
        options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        // of three silos two may die at once: there is nobody left for a second vote, and nobody to probe through
        options.NumVotesForDeathDeclaration = 1;
        options.EnableIndirectProbes = false;
        // when all are dead, a new one need not try to reach those that have been silent for three of these
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(1);
        // news that did not arrive by gossip
        options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
    }
}
