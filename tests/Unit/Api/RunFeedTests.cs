using OrleansFlow.Api;
using OrleansFlow.Api.Security;
using OrleansFlow.Api.Watching;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.InMemory;
using DagVersion = OrleansFlow.Domain.Dags.DagVersion;
using RunKind = OrleansFlow.Domain.Runs.RunKind;
using RunState = OrleansFlow.Domain.Runs.RunState;
using TaskInstance = OrleansFlow.Domain.Tasks.TaskInstance;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>The feeds that all watchers of a run share.</summary>
public sealed class RunFeedTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(1);
    private static readonly DagId Dag = new("etl");
    private static readonly RunId Run = new("manual-1");
    private static readonly TaskKey Extract = new(Run, new TaskId("extract"));
    private readonly InMemoryStore _store = new();
    private readonly RowChanges _changes = new();

    [Fact]
    public async Task ThousandsOfWatchers_ShareOneFeed_AndSeeTheEnd()
    {
        await CreateAsync();
        var feeds = new RunFeeds(Parts());
        var watchers = Enumerable.Range(0, 2000).Select(_ => WatchAsync(feeds)).ToArray();
        await CommitAsync(new PutTask(new TaskInstance { Key = Extract, Version = 2, State = OrleansFlow.Domain.Tasks.TaskState.Running }, 1));
        await CommitAsync(new PutRun(RunRow() with { State = RunState.Success, EndedAt = At, Version = 2 }, 1));

        var ends = await Task.WhenAll(watchers).WaitAsync(Ceiling, TimeProvider.System);
        ends.Distinct().ShouldBe([(OrleansFlow.Contracts.V1.RunState.Success, 2)]);
        feeds.Count.ShouldBe(0);
    }

    [Fact]
    public async Task WhoComesAfterACommit_SeesIt()
    {
        await CreateAsync();
        var feeds = new RunFeeds(Parts());
        using var first = await feeds.JoinAsync(Run, CancellationToken.None);
        await CommitAsync(new PutTask(new TaskInstance { Key = Extract, Version = 2 }, 1));
        using var second = await feeds.JoinAsync(Run, CancellationToken.None);
        second.Feed.ShouldBeSameAs(first.Feed);
        second.Feed.Next(default, true).Messages[0].ChangedTasks[0].Version.ShouldBe(2);
    }

    [Fact]
    public async Task ARunThatIsNot_HasNoFeed()
    {
        var feeds = new RunFeeds(Parts());
        (await Should.ThrowAsync<RpcException>(feeds.JoinAsync(new RunId("none"), CancellationToken.None).WaitAsync(Ceiling, TimeProvider.System))).Code.ShouldBe(RpcCode.NotFound);
        feeds.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(1000, 1)]
    public async Task MoreRunsOrTasksThanAreAllowed_AreNotFollowed_UnlessTheyAreAlready(int runs, int tasks)
    {
        await CreateAsync();
        var feeds = new RunFeeds(Parts() with { Limits = new ApiLimits { MaxFollowedRuns = runs, MaxFollowedTasks = tasks } });
        using (await feeds.JoinAsync(Run, CancellationToken.None))
        {
            using var again = await feeds.JoinAsync(Run, CancellationToken.None);
            (await Should.ThrowAsync<RpcException>(feeds.JoinAsync(new RunId("none"), CancellationToken.None))).Code.ShouldBe(RpcCode.ResourceExhausted);
        }

        (await Should.ThrowAsync<RpcException>(feeds.JoinAsync(new RunId("none"), CancellationToken.None))).Code.ShouldBe(RpcCode.NotFound);
        feeds.Count.ShouldBe(0);
    }

    [Fact]
    public async Task HistoryThatGrows_BeforeItsFeedHasBegunToWait_BeginsATurn()
    {
        var parts = Parts() with { LookEvery = Timeout.InfiniteTimeSpan };
        for (var i = 0; i < 100; i++)
        {
            using var feed = new HistoryFeed(parts, Run);
            var turn = feed.NewTurn();

            feed.HistoryGrew();

            await turn.Next.WaitAsync(Ceiling, TimeProvider.System);
        }
    }

    private static async Task<(OrleansFlow.Contracts.V1.RunState State, long Version)> WatchAsync(RunFeeds feeds)
    {
        using var lease = await feeds.JoinAsync(Run, CancellationToken.None);
        var (position, state, version) = (default(WatchPosition), OrleansFlow.Contracts.V1.RunState.Unspecified, 0L);
        while (true)
        {
            var step = lease.Feed.Next(position, statesOnly: true);
            foreach (var message in step.Messages)
            {
                state = message.Run?.State ?? state;
                foreach (var task in message.ChangedTasks) version = task.Version;
            }

            if (step.IsLast) return (state, version);
            position = step.Position;
            await step.Changed;
        }
    }

    private Task CreateAsync() => CommitAsync(
        new PutDag(new DagHead { Id = Dag, CurrentHash = "aa" }, 0),
        new AddVersion(new DagVersion { Hash = "aa", Dag = Dag, Spec = "{}", CreatedAt = At }),
        new PutRun(RunRow(), 0),
        new PutTask(new TaskInstance { Key = Extract }, 0));

    private async Task CommitAsync(params RowWrite[] writes)
    {
        var executor = new WatchedExecutor(_store, _changes);
        var outcomes = await executor.ExecuteAsync([new Step { Anchor = RowKey.Of(Dag), Writes = writes }], CancellationToken.None);
        outcomes.ShouldHaveSingleItem().Status.ShouldBe(StepStatus.Committed);
    }

    private static DagRun RunRow() => new()
    {
        Id = Run, Dag = Dag, VersionHash = "aa", Kind = RunKind.Manual, State = RunState.Running, LogicalDate = At,
        DataIntervalStart = At, DataIntervalEnd = At, Params = "{}", CreatedAt = At,
    };

    private ApiParts Parts() => new()
    {
        Peers = null!,
        Queries = _store,
        Pages = _store,
        Logs = new NoLogs(),
        Artifacts = null!,
        Changes = _changes,
        Installation = null!,
        Tokens = TokenBook.Open,
        Time = TimeProvider.System,
        NewSuffix = () => "aaaaa",
        Incident = (subject, error) => throw new InvalidOperationException(subject, error),
    };

    private sealed class NoLogs : ILogStore
    {
        public string Locate(DagId dag, AttemptKey attempt) => $"/logs/{attempt}";

        public Task<LogPiece> ReadAsync(DagId dag, AttemptKey attempt, long offset, int limit, CancellationToken cancellation) =>
            Task.FromResult(new LogPiece(default, offset));

        public Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation) => Task.FromResult<DateTimeOffset?>(null);

        public async IAsyncEnumerable<LogPiece> FollowAsync(
            DagId dag, AttemptKey attempt, long offset, Task ended, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            await ended.WaitAsync(cancellation);
            yield break;
        }
    }
}
