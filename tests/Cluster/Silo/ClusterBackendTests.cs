using System.Net;
using System.Reflection;
using System.Threading.Channels;
using Orleans.Runtime;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Grains.Abstractions.Attempts;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Silo.Attempts;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Tests.Cluster.Grains.Messages;
using OrleansFlow.Tests.Conformance.Behaviour;

namespace OrleansFlow.Tests.Cluster.Silo;

/// <summary>Where attempts run, and what becomes of those whose silo is gone.</summary>
public sealed class ClusterBackendTests
{
    private const long Here = 1, There = 2;
    private static readonly SiloAddress s_there = SiloAddress.New(IPAddress.Loopback, 2, 1);
    private readonly ScriptedBackend _local = new(TimeProvider.System);
    private readonly FakeHost _host = new();
    private readonly HashSet<long> _seats = [Here, There];
    private readonly ClusterBackend _backend;
    private volatile MemberList _members = Members(There);
    private volatile int _looks;

    public ClusterBackendTests() => _backend = Over(_local);

    [Fact]
    public async Task AnAttempt_IsLaunched_StoppedAndReleased_AtItsHome()
    {
        var (here, there) = (Plan(Here), Plan(There));
        await _backend.LaunchAsync(here, default);
        await _backend.LaunchAsync(there, default);
        await _backend.StopAsync(there.Key, there.Uid, StopReason.Cancel, TimeSpan.FromSeconds(1), default);
        await _backend.ReleaseAsync(there.Key, there.Uid, default);

        _local.Launched.ShouldHaveSingleItem().ShouldBe(here.Key);
        _host.Asked.ShouldBe([$"launch {there.Uid}", $"stop {there.Uid}", $"release {there.Uid}"]);
    }

    [Fact]
    public async Task WhatAnotherSiloRefuses_IsRefusedHere()
    {
        _host.Problem = new AttemptLaunched("no such program", true);

        var refused = await Should.ThrowAsync<LaunchException>(_backend.LaunchAsync(Plan(There), default));

        (refused.Message, refused.Permanent).ShouldBe(("no such program", true));
    }

    [Fact]
    public async Task AnAttemptWhoseHomeIsDead_IsLost_AndLaunchedNowhere()
    {
        _members = new MemberList(new Dictionary<long, SiloAddress>(), [], new HashSet<long> { There });
        var plan = Plan(There);

        await _backend.LaunchAsync(plan, default);

        var lost = (await FirstObservedAsync()).ShouldBeOfType<AttemptLost>();
        (lost.Attempt, lost.Uid, lost.Cause).ShouldBe((plan.Key, plan.Uid, AttemptCause.HostLost));
        _local.Launched.ShouldBeEmpty();
        _host.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task AHomeThatHasASeat_AndIsNotHeardOfYet_IsWaitedFor()
    {
        _members = Members();
        var plan = Plan(There);

        var launching = _backend.LaunchAsync(plan, default);
        while (_looks == 0) await Task.Yield();
        launching.IsCompleted.ShouldBeFalse();
        _members = Members(There);
        await launching;

        _host.Asked.ShouldBe([$"launch {plan.Uid}"]);
    }

    [Fact]
    public async Task WithoutASeat_AHomeIsGone_WhateverIsHeardOfIt()
    {
        var (here, there) = (Attempt(Plan(Here)), Attempt(Plan(There)));
        (await _backend.FindLeftAsync([here, there], default)).ShouldBeEmpty();
        _seats.Remove(There);

        (await _backend.FindLeftAsync([here, there], default)).ShouldBe([there]);
        var lost = await _backend.AdoptAsync([new LiveAttempt(new DagId("etl"), there)], default);
        lost.ShouldHaveSingleItem().ShouldBeOfType<AttemptLost>().Cause.ShouldBe(AttemptCause.HostLost);
    }

    [Fact]
    public async Task TheList_IsThatOfAllSilos_OrNone()
    {
        var here = Plan(Here);
        await _backend.LaunchAsync(here, default);
        _host.There = [new AttemptPending(Plan(There).Key, Guid.NewGuid(), null)];
        (await _backend.ListAsync(default)).Select(status => status.GetType()).ShouldBe([typeof(AttemptExited), typeof(AttemptPending)], ignoreOrder: true);

        _host.Error = new TimeoutException("silent");

        await Should.ThrowAsync<PeerUnavailableException>(_backend.ListAsync(default));
    }

    [Fact]
    public async Task WhatEndsTheObservationsOfThisSilo_EndsAllOfThem()
    {
        var broken = DispatchProxy.Create<IExecutionBackend, Broken>();

        await Should.ThrowAsync<IOException>(async () =>
        {
            await foreach (var _ in Over(broken).ObserveAsync(default))
            {
            }
        });
    }

    private ClusterBackend Over(IExecutionBackend local) => new(
        local,
        (_, _) => Task.FromResult<IReadOnlyList<AttemptLost>>([]),
        Here,
        () => _members,
        _ =>
        {
            _looks++;
            return Task.FromResult<IReadOnlySet<long>>(_seats);
        },
        silo => silo.Equals(s_there) ? _host : throw new InvalidOperationException($"nobody is at {silo}"),
        TimeProvider.System);

    private async Task<AttemptStatus> FirstObservedAsync()
    {
        await foreach (var status in _backend.ObserveAsync(default)) return status;
        throw new InvalidOperationException("nothing was observed");
    }

    private static MemberList Members(params long[] living) =>
        new(living.ToDictionary(epoch => epoch, _ => s_there), living, new HashSet<long>());

    private static AttemptPlan Plan(long home) =>
        (AttemptPlan)Samples.Of(typeof(AttemptPlan), full: false) with { Uid = AttemptUid.Of(Guid.NewGuid(), home), Command = ["ok"] };

    private static Attempt Attempt(AttemptPlan plan) => (Attempt)Samples.Of(typeof(Attempt), full: false) with { Key = plan.Key, Uid = plan.Uid };

    /// <summary>A backend that fails to tell what it sees.</summary>
    public class Broken : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var observed = Channel.CreateUnbounded<AttemptStatus>();
            observed.Writer.Complete(new IOException("broken"));
            return observed.Reader.ReadAllAsync();
        }
    }

    private sealed class FakeHost : IAttemptHost
    {
        public List<string> Asked { get; } = [];

        public AttemptLaunched Problem { get; set; } = new();

        public IReadOnlyList<AttemptStatus> There { get; set; } = [];

        public Exception? Error { get; set; }

        public Task<AttemptLaunched> LaunchAsync(LaunchAtHome message, CancellationToken cancellation)
        {
            Asked.Add($"launch {message.Plan.Uid}");
            return Task.FromResult(Problem);
        }

        public Task StopAsync(StopAtHome message, CancellationToken cancellation) => Note($"stop {message.Uid}");

        public Task AcknowledgeAsync(AcknowledgeAtHome message, CancellationToken cancellation) => Note($"acknowledge {message.Uid}");

        public Task ReleaseAsync(ReleaseAtHome message, CancellationToken cancellation) => Note($"release {message.Uid}");

        public Task<AttemptsListed> ListAsync(ListAtHome message, CancellationToken cancellation) =>
            Error is null ? Task.FromResult(new AttemptsListed(There)) : Task.FromException<AttemptsListed>(Error);

        private Task Note(string asked)
        {
            Asked.Add(asked);
            return Task.CompletedTask;
        }
    }
}
