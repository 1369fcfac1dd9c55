using Orleans.Runtime;

namespace OrleansFlow.Silo.Membership;

/// <summary>Follows who is in the cluster. Thread-safe.</summary>
/// <param name="membership">Orleans' membership.</param>
/// <param name="home">The epoch of this silo's seat.</param>
/// <param name="chance">A number from 0 up to, and without, the one given.</param>
internal sealed class Members(IClusterMembershipService membership, long home, Func<int, int> chance)
{
    /// <summary>Who is in it now.</summary>
    public MemberList Current { get; private set; } = MemberList.Empty;

    /// <summary>Set before this silo tells anybody that it leaves: what starts from now on starts elsewhere.</summary>
    public bool Leaving { get; set; }

    /// <summary>Where an attempt that is decided on now will run: here, or when this silo leaves at any other, if there is one.</summary>
    public long HomeOfNext()
    {
        if (!Leaving) return home;
        var others = Current.Living.Keys.Where(epoch => epoch != home).Order().ToList();
        return others.Count == 0 ? home : others[chance(others.Count)];
    }

    /// <summary>Looks, and goes on looking.</summary>
    /// <param name="cancellation">Ends it.</param>
    public async IAsyncEnumerable<MemberList> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(cancellation))
        {
            Current = MemberList.Of(snapshot);
            yield return Current;
        }
    }
}
