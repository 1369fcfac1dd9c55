using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansFlow.Tests.Cluster.Harness;

namespace OrleansFlow.Tests.Cluster.Silo.Membership;

/// <summary>What each setting of the membership is for: what comes out with it, and does not with Orleans' own.</summary>
public sealed class MembershipSettingsTests
{
    private const int Ceiling = 300_000;

    private static readonly ClusterMembershipOptions s_orleans = new();

    [Fact(Timeout = Ceiling)]
    public async Task TheLastOfThree_NeedsNoSecondVote()
    {
        await using var ours = await LoneSilo.StartAsync();
        await using var theirs = await LoneSilo.StartAsync(options => options.NumVotesForDeathDeclaration = s_orleans.NumVotesForDeathDeclaration);
        var (dead, stuck) = (await LoseTwoAsync(ours), await LoseTwoAsync(theirs));

        dead.ShouldAllBe(silo => silo.Status == SiloStatus.Dead);
        stuck.ShouldAllBe(silo => silo.Status == SiloStatus.Active);
        stuck.ShouldAllBe(silo => silo.Votes == 1, "it has voted, and nobody else can");
    }

    [Fact(Timeout = Ceiling)]
    public async Task TheLastOfThree_DoesNotAskOneDeadSiloAboutTheOther()
    {
        await using var ours = await LoneSilo.StartAsync();
        await using var theirs = await LoneSilo.StartAsync(options => options.EnableIndirectProbes = s_orleans.EnableIndirectProbes);
        var (dead, stuck) = (await LoseTwoAsync(ours), await LoseTwoAsync(theirs, seconds: 12));

        dead.ShouldAllBe(silo => silo.Status == SiloStatus.Dead);
        stuck.ShouldAllBe(silo => silo.Status == SiloStatus.Active && silo.Votes == 0, "that it did not answer says nothing of the other one");
    }

    [Fact(Timeout = Ceiling)]
    public async Task ASiloThatTheOthersHoldForDead_LearnsIt_ThoughNobodyTellsIt()
    {
        (await LearnsOfItsDeathAsync()).ShouldBeTrue();
        (await LearnsOfItsDeathAsync(options => options.TableRefreshTimeout = s_orleans.TableRefreshTimeout)).ShouldBeFalse();
    }

    [Fact(Timeout = Ceiling)]
    public async Task WhatADeadSiloHad_IsFoundElsewhereAtOnce()
    {
        await using var ours = await LoneSilo.StartAsync();
#pragma warning disable ORLEANSEXP003 // the directory that is not taken
        await using var theirs = await LoneSilo.StartAsync(more: silo => silo.AddDistributedGrainDirectory());
#pragma warning restore ORLEANSEXP003
        await Task.WhenAll(LoseTwoAsync(ours), LoseTwoAsync(theirs));

        var blocked = CallManyAsync(theirs);
        await CallManyAsync(ours);

        blocked.IsCompleted.ShouldBeFalse("the dead ones have a lease on their part of that directory, for longer than it took to find out");
    }

    private static async Task<IReadOnlyList<(SiloStatus Status, int Votes)>> LoseTwoAsync(LoneSilo silo, double seconds = 120)
    {
        SiloAddress[] lost = [silo.AddSilent(), silo.AddSilent()];
        await silo.ReadAsync();
        await silo.PassAsync(TimeSpan.FromSeconds(seconds), () => lost.All(one => IsDead(silo, one) || silo.Rows.Find(one)!.SuspectTimes is { Count: > 0 }));
        return [.. lost.Select(one => silo.Rows.Find(one)!).Select(row => (row.Status, row.SuspectTimes?.Count ?? 0))];
    }

    private static async Task<bool> LearnsOfItsDeathAsync(Action<ClusterMembershipOptions>? change = null)
    {
        await using var silo = await LoneSilo.StartAsync(change);
        var reads = silo.Rows.Reads;
        (await silo.PassAsync(TimeSpan.FromMinutes(2), () => silo.Rows.Reads > reads)).ShouldBeTrue("it looks from time to time");
        silo.Rows.DeclareDead(silo.Address);
        return await silo.PassAsync(TimeSpan.FromSeconds(15), () => silo.End is not null);
    }

    // Any grains do; these are always there.
    private static async Task CallManyAsync(LoneSilo silo) =>
        await Task.WhenAll(Enumerable.Range(0, 50).Select(key => silo.Grains.GetGrain<IManagementGrain>(key).GetHosts()));

    private static bool IsDead(LoneSilo silo, SiloAddress other) => silo.Rows.Find(other)!.Status == SiloStatus.Dead;
}
