using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.Cluster.Silo.Membership;

/// <summary>What settings of the membership are for: what comes out with ours, and does not with Orleans' own.</summary>
public sealed class MembershipSettingsTests
{
    private const int Ceiling = 300_000;

    private static readonly ClusterMembershipOptions s_orleans = new();

    [Fact(Timeout = Ceiling)]
    public async Task TheLastOfThree_NeedsNoSecondVote()
    {
        await using var ours = new LoneSilo();
        await using var theirs = new LoneSilo(options => options.NumVotesForDeathDeclaration = s_orleans.NumVotesForDeathDeclaration);
        await Task.WhenAll(ours.StartAsync(), theirs.StartAsync());

        var (lost, stuck) = (await AddTwoAsync(ours), await AddTwoAsync(theirs));
        await Eventually.TrueAsync(() => lost.All(silo => IsDead(ours, silo)), "ours has declared them dead");
        await Eventually.TrueAsync(() => stuck.All(silo => VotesIn(theirs, silo) > 0), "theirs has voted");

        stuck.ShouldAllBe(silo => !IsDead(theirs, silo) && VotesIn(theirs, silo) == 1, "it has voted, and nobody else can");
    }

    [Fact(Timeout = Ceiling)]
    public async Task TheLastOfThree_DoesNotAskOneDeadSiloAboutTheOther()
    {
        await using var ours = new LoneSilo();
        await using var theirs = new LoneSilo(options => options.EnableIndirectProbes = s_orleans.EnableIndirectProbes);
        await Task.WhenAll(ours.StartAsync(), theirs.StartAsync());

        // What ours finds out three times over, one after the other, theirs does not find out once.
        var stuck = await AddTwoAsync(theirs);
        for (var times = 0; times < 3; times++)
        {
            var lost = await AddTwoAsync(ours);
            await Eventually.TrueAsync(() => lost.All(silo => IsDead(ours, silo)), "ours has declared them dead");
        }

        stuck.ShouldAllBe(silo => !IsDead(theirs, silo) && VotesIn(theirs, silo) == 0, "that one did not answer says nothing of the other one");
    }

    [Fact(Timeout = Ceiling)]
    public async Task ASiloThatTheOthersHoldForDead_LearnsIt_ThoughNobodyTellsIt_AndLooksOftenerThanOrleansWould()
    {
        await using var ours = new LoneSilo();
        await using var theirs = new LoneSilo(options => options.TableRefreshTimeout = s_orleans.TableRefreshTimeout);
        await Task.WhenAll(ours.StartAsync(), theirs.StartAsync());

        // A silo's first look comes at random: at the second try at the latest theirs waits for its next one.
        for (var tries = 0; ; tries++)
        {
            var (mine, its) = (ours.Rows.Looks, theirs.Rows.Looks);
            await Eventually.TrueAsync(() => ours.Rows.Looks >= mine + 3, "ours looks three times");
            if (theirs.Rows.Looks == its) break;
            tries.ShouldBeLessThan(3, "theirs looks as often");
        }

        ours.Rows.DeclareDead(ours.Address);
        await Eventually.TrueAsync(() => ours.End is not null, "ours has learnt it");
    }

    /// <summary>
    /// Orleans' default directory of grains. The strongly consistent one gives what a dead silo knew to nobody before a lease has ended, which here nobody
    /// lives to see.
    /// </summary>
    [Fact(Timeout = Ceiling)]
    public async Task GrainsThatADeadSiloKnewOf_AnswerAtOnce_WhereAnotherDirectoryWaitsForItsLease()
    {
        using var waits = new LeaseWaits();
        await using var ours = new LoneSilo(more: LongLeases);
#pragma warning disable ORLEANSEXP003 // the directory that is not taken
        await using var theirs = new LoneSilo(more: silo => LongLeases(silo.AddDistributedGrainDirectory()));
#pragma warning restore ORLEANSEXP003
        await Task.WhenAll(ours.StartAsync(), theirs.StartAsync());
        await Task.WhenAll(LoseOneAsync(ours), LoseOneAsync(theirs));

        // One grain after the other, until the dead one knew of it.
        var held = Task.CompletedTask;
        for (var key = 0; !waits.First.IsCompleted; key++) await Task.WhenAny(held = CallAsync(theirs, key), waits.First);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(key => CallAsync(ours, key)));

        held.IsCompletedSuccessfully.ShouldBeFalse("nobody may have it yet");
    }

    private static async Task<SiloAddress[]> AddTwoAsync(LoneSilo silo)
    {
        SiloAddress[] lost = [silo.AddSilent(), silo.AddSilent()];
        await silo.ReadAsync();
        return lost;
    }

    private static void LongLeases(ISiloBuilder silo) => silo.Configure<GrainDirectoryOptions>(options => options.RangeLeaseDuration = TimeSpan.FromHours(1));

    private static async Task LoseOneAsync(LoneSilo silo)
    {
        var lost = silo.AddSilent();
        await silo.ReadAsync();
        await Eventually.TrueAsync(() => IsDead(silo, lost), "the lost one is held for dead");
    }

    // Any grain does that the directory knows of; this one comes with Orleans. It is called again when the call was on its way while the death became known.
    private static async Task CallAsync(LoneSilo silo, int key)
    {
        var grain = silo.Grains.GetGrain<IStorageFaultGrain>($"{key}");
        while (true)
        {
            try
            {
                await grain.OnRead(grain.GetGrainId());
                return;
            }
            catch (OrleansMessageRejectionException)
            {
                await silo.ReadAsync();
            }
        }
    }

    private static bool IsDead(LoneSilo silo, SiloAddress other) => silo.Rows.Find(other)!.Status == SiloStatus.Dead;

    private static int VotesIn(LoneSilo silo, SiloAddress other) => silo.Rows.Find(other)!.SuspectTimes?.Count ?? 0;
}
