using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;

namespace OrleansFlow.Tests.Conformance.Storage;

public class ReplicaTableFacts : HostsOfADatabase
{
    [Fact]
    public async Task Hosts_AreListed_AsWhatTheySay()
    {
        var (active, standby) = (Connect("a"), Connect("b"));
        await using var fence = await ChargeAsync(active);
        await Table(active).SayAsync(new HostWord(HostState.Active), CancellationToken.None);
        await Table(standby, "http://b:8233").SayAsync(new HostWord(HostState.Standby), CancellationToken.None);

        var hosts = await HostRegistry.ListAsync(standby, CancellationToken.None);

        hosts.Select(host => (host.Id, host.Engine, host.State, host.IsInCharge, host.Address, host.Version)).ShouldBe(
        [
            (active.HostId, "embedded", HostState.Active, true, "http://a:8233", "1.2.3"),
            (standby.HostId, "embedded", HostState.Standby, false, "http://b:8233", "1.2.3"),
        ]);
        hosts.Select(host => host.Epoch).ShouldBe([fence.Epoch, 0]);
    }

    [Fact]
    public async Task AHostThatSaysNothing_IsListedByItsRegistration()
    {
        var host = Connect("a");
        await using var fence = await ChargeAsync(host);

        var listed = (await HostRegistry.ListAsync(host, CancellationToken.None)).ShouldHaveSingleItem();

        (listed.State, listed.IsInCharge, listed.Address, listed.Version).ShouldBe((HostState.Active, true, null, null));
        listed.Since.ShouldBe(listed.RegisteredAt);
    }

    [Fact]
    public async Task AHostWhoseLeaseHasRunOut_IsSilent_SinceThen()
    {
        var (hung, dead) = (Connect("a"), Connect("b"));
        await using var fence = await ChargeAsync(hung);
        await Table(hung).SayAsync(new HostWord(HostState.Active), CancellationToken.None);
        await Table(dead).SayAsync(new HostWord(HostState.Standby), CancellationToken.None);
        await ExecuteAsync("UPDATE host SET until = now() - interval '1 s'; UPDATE replica SET until = now() - interval '1 s'");

        var hosts = await HostRegistry.ListAsync(hung, CancellationToken.None);

        hosts.ShouldAllBe(host => host.State == HostState.Silent && !host.IsInCharge && host.Since == host.Until);
        (await ReplicaTable.FindActiveAsync(dead, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task AHostThatWasTakenOver_AndHasNotNoticed_IsSilent()
    {
        var (before, now) = (Connect("a"), Connect("b"));
        await Table(before).SayAsync(new HostWord(HostState.Active), CancellationToken.None);
        await using var fence = await ChargeAsync(now);
        await Table(now, "http://b:8233").SayAsync(new HostWord(HostState.Active), CancellationToken.None);

        var hosts = await HostRegistry.ListAsync(now, CancellationToken.None);

        hosts.Select(host => host.State).ShouldBe([HostState.Silent, HostState.Active]);
        (await ReplicaTable.FindActiveAsync(before, CancellationToken.None)).ShouldBe("http://b:8233");
    }

    [Fact]
    public async Task AStateThatIsSaidAgain_KeepsItsTime_AndANewOneHasItsOwn()
    {
        var host = Connect("a");
        await Table(host).SayAsync(new HostWord(HostState.Standby), CancellationToken.None);
        var first = await OnlyAsync(host);
        await Table(host).SayAsync(new HostWord(HostState.Standby), CancellationToken.None);
        var again = await OnlyAsync(host);
        await Table(host).SayAsync(new HostWord(HostState.Leaving), CancellationToken.None);
        var leaving = await OnlyAsync(host);

        again.Since.ShouldBe(first.Since);
        again.Until.ShouldBeGreaterThan(first.Until);
        (leaving.State, leaving.RegisteredAt).ShouldBe((HostState.Leaving, first.RegisteredAt));
        leaving.Since.ShouldBeGreaterThan(first.Since);
    }

    [Fact]
    public async Task WhoLeaves_IsGone_AndWhoWasSilentForLong_IsForgotten()
    {
        var (leaving, dead, other) = (Connect("a"), Connect("b"), Connect("c"));
        await Table(leaving).SayAsync(new HostWord(HostState.Standby), CancellationToken.None);
        await Table(dead).SayAsync(new HostWord(HostState.Standby), CancellationToken.None);
        await ExecuteAsync($"UPDATE replica SET until = now() - interval '1 day' WHERE host_id = '{dead.HostId}'");

        await Table(leaving).LeaveAsync(CancellationToken.None);
        await Table(other).SayAsync(new HostWord(HostState.Standby), CancellationToken.None);

        (await OnlyAsync(other)).Id.ShouldBe(other.HostId);
    }

    [Fact]
    public async Task WhatAHostHasInMemory_IsListed_UntilItIsSilent()
    {
        var (host, older) = (Connect("a"), Connect("b"));
        await Table(host).SayAsync(new HostWord(HostState.Active) { Live = new LiveCoordinators(1, 2, 3, 4) }, CancellationToken.None);
        await Table(host).SayAsync(new HostWord(HostState.Active) { Live = new LiveCoordinators(2, 3, 4, 5) }, CancellationToken.None);
        await Table(older).SayAsync(new HostWord(HostState.Standby), CancellationToken.None);
        await ExecuteAsync("UPDATE replica SET state = 'standby'");

        (await HostRegistry.ListAsync(host, CancellationToken.None)).Select(listed => listed.Live).ShouldBe([new LiveCoordinators(2, 3, 4, 5), null]);

        await ExecuteAsync("UPDATE replica SET until = now() - interval '1 s'");
        (await HostRegistry.ListAsync(host, CancellationToken.None)).ShouldAllBe(listed => listed.Live == null);
    }

    [Fact]
    public async Task ANotice_IsListed_SinceItWasTaken()
    {
        var host = Connect("a");
        await Table(host).SayAsync(new HostWord(HostState.Standby), CancellationToken.None);
        (await OnlyAsync(host)).ShouldSatisfyAllConditions(none => none.Notice.ShouldBeNull(), none => none.NoticedAt.ShouldBeNull());

        await Table(host).SayAsync(new HostWord(HostState.Leaving) { Notice = "SIGTERM" }, CancellationToken.None);
        var first = await OnlyAsync(host);
        await Table(host).SayAsync(new HostWord(HostState.Leaving) { Notice = "SIGTERM" }, CancellationToken.None);

        first.Notice.ShouldBe("SIGTERM");
        first.NoticedAt.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(first.Since);
        (await OnlyAsync(host)).NoticedAt.ShouldBe(first.NoticedAt);
    }

    [Fact]
    public async Task TheSecretOfADatabase_IsKnownToAllItsHosts()
    {
        var (installation, secret) = await ReplicaTable.ReadIdentityAsync(Connect("a"), CancellationToken.None);
        installation.ShouldNotBe(Guid.Empty);
        secret.Length.ShouldBeGreaterThanOrEqualTo(64);
        (await ReplicaTable.ReadIdentityAsync(Connect("b"), CancellationToken.None)).ShouldBe((installation, secret));
    }

    private static ReplicaTable Table(PostgresConnections host, string address = "http://a:8233") => new(host, "embedded", address, "1.2.3");

    private static async Task<RegisteredHost> OnlyAsync(PostgresConnections host) =>
        (await HostRegistry.ListAsync(host, CancellationToken.None)).ShouldHaveSingleItem();

    private static Task<HostFence> ChargeAsync(PostgresConnections host) => HostFence.AcquireAsync(host, Still, TimeProvider.System, CancellationToken.None);
}
