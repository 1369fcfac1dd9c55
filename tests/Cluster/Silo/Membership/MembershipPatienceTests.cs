using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.Cluster.Silo.Membership;

/// <summary>What the settings are for by which silos are patient with each other: the same silence among silos that have ours, and that have Orleans' own.</summary>
public sealed class MembershipPatienceTests
{
    private const int Ceiling = 300_000;

    private static readonly ClusterMembershipOptions s_orleans = new();

    /// <summary><see cref="ClusterMembershipOptions.ProbeTimeout"/>; the longest that it may become goes with it.</summary>
    [Fact(Timeout = Ceiling)]
    public async Task WhoIsSilent_IsDead_WhileOrleansStillWaitsForItsAnswers()
    {
        await using var ours = new LoneSilo();
        await using var theirs = new LoneSilo(options =>
            (options.ProbeTimeout, options.MaxProbeTimeout) = (s_orleans.ProbeTimeout, s_orleans.MaxProbeTimeout));

        (await TheirsWhenOursIsDeadAsync(ours, theirs)).ShouldBe(SiloStatus.Active);
    }

    /// <summary><see cref="ClusterMembershipOptions.NumMissedProbesLimit"/>.</summary>
    [Fact(Timeout = Ceiling)]
    public async Task WhoMissesTwoProbes_IsDead_WhereOrleansSendsAThird()
    {
        await using var ours = new LoneSilo();
        await using var theirs = new LoneSilo(options => options.NumMissedProbesLimit = s_orleans.NumMissedProbesLimit);

        (await MissedByTheDeadAsync(ours)).ShouldBe(2);
        (await MissedByTheDeadAsync(theirs)).ShouldBe(3);
    }

    /// <summary>
    /// <see cref="ClusterMembershipOptions.MaxProbeTimeout"/>. A silo that does not trust itself, since its threads or its memory keep it waiting, is more
    /// patient with others, and of silos that share a busy machine all are; Orleans' own limit is four times the first patience.
    /// </summary>
    [Fact(Timeout = Ceiling)]
    public async Task ASiloThatIsNotWellItself_IsHalfAsPatientWithWhoIsSilent_AsOrleansWouldBe()
    {
        (await PatienceOfTheUnwellAsync()).ShouldBe(TimeSpan.FromSeconds(2));
        (await PatienceOfTheUnwellAsync(options => options.MaxProbeTimeout = new ClusterMembershipOptions { ProbeTimeout = options.ProbeTimeout }.MaxProbeTimeout))
            .ShouldBe(TimeSpan.FromSeconds(4));
    }

    /// <summary><see cref="ClusterMembershipOptions.IAmAliveTablePublishTimeout"/>.</summary>
    [Fact(Timeout = Ceiling)]
    public async Task WhenAllAreDead_ANewSiloJoins_WithoutWaitingForThem()
    {
        await using var ours = new LoneSilo();
        await using var theirs = new LoneSilo(options => options.IAmAliveTablePublishTimeout = s_orleans.IAmAliveTablePublishTimeout);
        var died = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(-10);
        foreach (var silo in new[] { ours, theirs }) silo.AddSilent(died);

        var joining = theirs.StartAsync();
        await Eventually.TrueAsync(() => StatusIn(theirs) == SiloStatus.Joining, "theirs is joining");
        await ours.StartAsync();

        StatusIn(ours).ShouldBe(SiloStatus.Active);
        (joining.IsCompleted, StatusIn(theirs)).ShouldBe((false, SiloStatus.Joining), "it wants to hear from the dead first");
    }

    private static SiloStatus? StatusIn(LoneSilo silo) => silo.Rows.Find(silo.Address)?.Status;

    // Theirs has known the silent one for no shorter time than ours, and finds out in the end.
    private static async Task<SiloStatus> TheirsWhenOursIsDeadAsync(LoneSilo ours, LoneSilo theirs)
    {
        await Task.WhenAll(ours.StartAsync(), theirs.StartAsync());
        var (late, early) = (theirs.AddSilent(), ours.AddSilent());
        var (both, then) = (new TaskCompletionSource(), SiloStatus.None);
        ours.Rows.Died += _ => then = theirs.Rows.Find(late)!.Status;
        theirs.Rows.Died += _ => both.TrySetResult();
        await theirs.ReadAsync();
        await ours.ReadAsync();

        await both.Task;
        ours.Rows.Find(early)!.Status.ShouldBe(SiloStatus.Dead);
        return then;
    }

    private static async Task<int> MissedByTheDeadAsync(LoneSilo silo)
    {
        await silo.StartAsync();
        var (silent, missed, dead) = (silo.AddSilent(), 0, new TaskCompletionSource<int>());
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument is { Meter.Name: "Microsoft.Orleans", Name: "orleans-messaging-pings-reply-missed" }) meters.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, count, tags, _) =>
        {
            foreach (var tag in tags)
                if (Equals(tag.Value, silent.ToString())) Interlocked.Add(ref missed, count);
        });
        silo.Rows.Died += _ => dead.TrySetResult(Volatile.Read(ref missed));
        listener.Start();
        await silo.ReadAsync();
        return await dead.Task;
    }

    // How long each probe of a silent silo is to wait for an answer: asked of the clock when it begins, however late a busy machine ends it.
    private static async Task<TimeSpan> PatienceOfTheUnwellAsync(Action<ClusterMembershipOptions>? change = null)
    {
        var (patience, dead) = (new Patience(), new TaskCompletionSource<IReadOnlyList<TimeSpan>>());
        await using var silo = new LoneSilo(change, more =>
        {
            more.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Membership, patience);
            // more complaints than any limit allows for: those of a busy machine change nothing
            for (var complaint = 0; complaint < 8; complaint++) more.Services.AddSingleton<IHealthCheckParticipant>(new Unwell());
        });
        await silo.StartAsync();
        var before = patience.Asked.Count;
        silo.AddSilent();
        silo.Rows.Died += _ => dead.TrySetResult(patience.Asked);
        await silo.ReadAsync();
        return (await dead.Task).Skip(before).Distinct().ShouldHaveSingleItem();
    }

    private sealed class Unwell : IHealthCheckParticipant
    {
        public bool CheckHealth(DateTime lastCheckTime, out string reason)
        {
            reason = "it is not well";
            return false;
        }
    }
}
