using System.Threading.Channels;
using Orleans.Runtime;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Silo.Hosting;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.Conformance.Behaviour;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.Cluster.Silo;

/// <summary>Who leads a cluster, and what the leader does.</summary>
public sealed class LeadingTests
{
    private readonly FakeMembership _membership = new();

    [Fact]
    public async Task TheOldestLeads_AndWhenItDies_TheNextOldestTakesUp()
    {
        await using var first = new Leader(_membership, 1);
        await using var second = new Leader(_membership, 2);
        await using var third = new Leader(_membership, 3);
        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Active), (3, SiloStatus.Active));
        await first.DoesAsync("lead", "chore");

        _membership.Tell((1, SiloStatus.Dead), (2, SiloStatus.Active), (3, SiloStatus.Active));
        await second.DoesAsync("lead", "chore");

        second.Done[0].ShouldBe("put out 1", "before anything is done in its place");
        third.Done.ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatALeaderDoes_IsBegunOnce_WhateverComesAndGoes()
    {
        await using var leader = new Leader(_membership, 1);
        _membership.Tell((1, SiloStatus.Active));
        await leader.DoesAsync("lead", "chore");

        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Joining));
        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Active));
        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.ShuttingDown));
        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Dead));
        await leader.DoesAsync("put out 2", "recover");

        leader.Done.Count(done => done is "lead" or "chore").ShouldBe(2);
    }

    [Fact]
    public async Task WhoeverLeadsNoMore_HasEnded_BeforeItLeadsAgain()
    {
        await using var younger = new Leader(_membership, 2);
        _membership.Tell((2, SiloStatus.Active));
        await younger.DoesAsync("lead", "chore");

        // It took its seat first, and was slow to join.
        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Active));
        await younger.DoesAsync("lead ended", "chore ended");
        _membership.Tell((1, SiloStatus.Dead), (2, SiloStatus.Active));
        await younger.DoesAsync("put out 1", "lead", "chore");

        younger.Most.ShouldBe(1);
    }

    [Fact]
    public async Task ARecoveryThatFails_IsTriedAgain_ThoughNobodyElseDies()
    {
        await using var leader = new Leader(_membership, 1) { FailingRecoveries = 2 };
        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Active));
        await leader.DoesAsync("lead");

        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Dead));
        await leader.DoesAsync("put out 2", "recovery failed", "recovery failed", "recover");

        leader.Defects.Count.ShouldBe(2);
    }

    [Fact]
    public async Task ALeaderThatCannotTakeUpWhatWasLeft_TriesAgain_AndItsChoresGoOnMeanwhile()
    {
        await using var leader = new Leader(_membership, 1) { FailingLeads = 1 };
        _membership.Tell((1, SiloStatus.Active));

        await leader.DoesAsync("lead failed", "lead");

        leader.Done.Count(done => done == "chore").ShouldBe(1);
    }

    [Fact]
    public async Task UntilTheDeadAreOut_NothingIsTakenUp()
    {
        await using var leader = new Leader(_membership, 2) { StoreIsAwayFor = 2 };
        _membership.Tell((1, SiloStatus.Dead), (2, SiloStatus.Active));

        await leader.DoesAsync("lead", "chore");

        leader.Done.Take(3).ShouldBe(["the store is away", "the store is away", "put out 1"]);
        leader.Defects.ShouldBeEmpty("a database that is away is none");
    }

    [Fact]
    public async Task WhateverGoesWrongWithPuttingOut_TheSiloLeadsInTheEnd_AndTakesUpWhatIsLeftLater()
    {
        await using var leader = new Leader(_membership, 1) { FailingPutOuts = 2 };
        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Active));
        await leader.DoesAsync("putting out failed", "putting out failed", "lead", "chore");

        leader.FailingPutOuts = 1;
        _membership.Tell((1, SiloStatus.Active), (2, SiloStatus.Dead));
        await leader.DoesAsync("putting out failed", "put out 2", "recover");

        leader.Defects.Count.ShouldBe(3);
    }

    [Fact]
    public async Task WhoStops_WhilePuttingOutFails_Ends()
    {
        var leader = new Leader(_membership, 1) { FailingPutOuts = int.MaxValue };
        _membership.Tell((1, SiloStatus.Active));
        await leader.DoesAsync("putting out failed");

        await leader.DisposeAsync().AsTask().WaitAsync(Eventually.Ceiling);

        leader.Done.ShouldNotContain("lead");
    }

    [Fact]
    public async Task WhoStops_EndsWhatItBegan()
    {
        var leader = new Leader(_membership, 1);
        _membership.Tell((1, SiloStatus.Active));
        await leader.DoesAsync("lead", "chore");

        await leader.DisposeAsync();

        leader.Done.ShouldContain("lead ended");
        leader.Done.ShouldContain("chore ended");
    }

    /// <summary>One silo's part in it, and what it has done. Thread-safe.</summary>
    private sealed class Leader : IAsyncDisposable
    {
        private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
        private readonly List<string> _done = [];
        private readonly CancellationTokenSource _stopping = new();
        private readonly ToldDefects _told = new();
        private readonly Members _members;
        private readonly Leading _leading;
        private readonly Task _running;
        private readonly HashSet<long> _out = [];
        private int _at;
        private int _most;

        public Leader(FakeMembership membership, long home)
        {
            _members = new Members(membership, home, _ => 0, _told, TimeProvider.System);
            _leading = new Leading(
                _members, home,
                new LeadersWork
                {
                    PutOut = PutOutAsync,
                    Lead = cancellation => FailingLeads-- > 0 ? FailAsync("lead failed") : KeepAtItAsync("lead", cancellation),
                    Recover = _ => FailingRecoveries-- > 0 ? FailAsync("recovery failed") : NoteAsync("recover"),
                    Chores = [cancellation => KeepAtItAsync("chore", cancellation)],
                },
                _told, _ => { }, TimeProvider.System);
            _members.Begin();
            _running = Task.Run(() => _leading.RunAsync(_stopping.Token));
        }

        public int FailingLeads { get; set; }

        public int FailingRecoveries { get; set; }

        public int FailingPutOuts { get; set; }

        public int StoreIsAwayFor { get; set; }

        /// <summary>The most chores that were done at once.</summary>
        public int Most => Volatile.Read(ref _most);

        public IReadOnlyList<string> Defects => _told.Defects;

        public IReadOnlyList<string> Done
        {
            get
            {
                lock (_done) return [.. _done];
            }
        }

        /// <summary>Returns when it has done some things since the last call, in whatever order.</summary>
        public async Task DoesAsync(params string[] expected)
        {
            using var ceiling = new CancellationTokenSource(Eventually.Ceiling);
            for (var missing = expected.ToList(); missing.Count > 0;) missing.Remove(await _events.Reader.ReadAsync(ceiling.Token));
        }

        public async ValueTask DisposeAsync()
        {
            if (_stopping.IsCancellationRequested) return;
            await _stopping.CancelAsync();
            await _running;
            await _members.DisposeAsync();
            _leading.Dispose();
        }

        private Task<IReadOnlyList<string>> PutOutAsync(IReadOnlySet<long> living, IReadOnlySet<long> dead, CancellationToken cancellation)
        {
            if (StoreIsAwayFor-- > 0)
            {
                Note("the store is away");
                throw new StoreException(StoreFailure.Unavailable, "away");
            }

            if (FailingPutOuts-- > 0)
            {
                Note("putting out failed");
                throw new InvalidOperationException("putting out failed");
            }

            var gone = dead.Where(_out.Add).Select(epoch => $"put out {epoch}").ToList();
            gone.ForEach(Note);
            return Task.FromResult<IReadOnlyList<string>>(gone);
        }

        private async Task KeepAtItAsync(string what, CancellationToken cancellation)
        {
            if (what == "chore") _most = Math.Max(_most, Interlocked.Increment(ref _at));
            Note(what);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            }
            finally
            {
                if (what == "chore") Interlocked.Decrement(ref _at);
                Note($"{what} ended");
            }
        }

        private Task NoteAsync(string what)
        {
            Note(what);
            return Task.CompletedTask;
        }

        private Task FailAsync(string what)
        {
            Note(what);
            return Task.FromException(new InvalidOperationException(what));
        }

        private void Note(string what)
        {
            lock (_done) _done.Add(what);
            _events.Writer.TryWrite(what);
        }
    }
}
