using System.Runtime.CompilerServices;
using OrleansFlow.Client;
using OrleansFlow.Client.Calls;
using OrleansFlow.Client.Errors;
using OrleansFlow.Client.Following;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.Unit.Client.Fakes;

namespace OrleansFlow.Tests.Unit.Client;

/// <summary>Streams come back after a lost connection, and go on where they were.</summary>
public sealed class FollowingTests : IAsyncLifetime
{
    private static readonly RunId RunA = new("run-a");

    private readonly FakeServer _server = new();
    private readonly CancellationTokenSource _ceiling = new(FakeServer.Ceiling);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _ceiling.Dispose();
    }

    [Fact]
    public async Task AWait_SurvivesAServer_ThatIsKilledAndStartsAgain()
    {
        var watching = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var finished = false;
        await _server.OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", Watch).StartAsync();
        using var client = _server.Client(options => options.OnLost = _ => lost.TrySetResult());

        var waiting = FollowAsync();
        await watching.Task.WaitAsync(_ceiling.Token);
        await _server.KillAsync();
        await (await Task.WhenAny(lost.Task, waiting)).WaitAsync(_ceiling.Token);
        finished = true;
        await _server.StartAsync();

        (await waiting).State.ShouldBe(RunState.Success);
        _server.Requests.Cast<WatchRunRequest>().Select(request => request.Cursor).ShouldBe(["", "c1"]);

        async IAsyncEnumerable<WatchRunResponse> Watch(WatchRunRequest request, [EnumeratorCancellation] CancellationToken cancellation)
        {
            yield return Message(finished ? RunState.Success : RunState.Running, finished ? "c2" : "c1", snapshot: request.Cursor.Length == 0);
            if (finished) yield break;
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }

        async Task<Run> FollowAsync()
        {
            Run? last = null;
            await foreach (var snapshot in client.WatchRunAsync(RunA, statesOnly: true, _ceiling.Token))
            {
                last = snapshot.Run;
                watching.TrySetResult();
            }

            return last!;
        }
    }

    [Fact]
    public async Task AServerThatTakesItsLeave_IsNotTheEndOfTheRun()
    {
        var calls = 0;
        await _server.OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", (_, _) => Say(
            Message(++calls < 3 ? RunState.Running : RunState.Failed, $"c{calls}", snapshot: calls == 1))).StartAsync();
        using var client = _server.Client();

        (await client.WaitAsync(RunA, _ceiling.Token)).State.ShouldBe(RunState.Failed);

        calls.ShouldBe(3);
    }

    [Fact]
    public async Task AnErrorThatIsNoOutage_EndsTheWaiting()
    {
        await _server.OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", (_, _) => Say(
            [Message(RunState.Running, "c1", snapshot: true)], new RpcException(RpcCode.NotFound, "gone"))).StartAsync();
        using var client = _server.Client();

        await Should.ThrowAsync<FlowNotFoundException>(client.WaitAsync(RunA, _ceiling.Token));
    }

    [Fact]
    public async Task AnOutageThatLastsTooLong_EndsTheWaiting_WithTheErrorOfTheServer()
    {
        var time = new SteppingTime(TimeSpan.FromMinutes(1));
        var calls = 0;
        await _server.OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", (_, _) => ++calls == 1
            ? Say([Message(RunState.Running, "c1", snapshot: true)], Away())
            : throw Away()).StartAsync();
        using var client = _server.Client(options =>
        {
            options.Time = time;
            options.ReconnectLimit = TimeSpan.FromMinutes(10);
            options.MaxAttempts = 1;
        });

        var error = await Should.ThrowAsync<FlowUnavailableException>(client.WaitAsync(RunA, _ceiling.Token));

        error.Message.ShouldContain("away");
        (error.Code, error.Reason, error.IsTransient).ShouldBe((RpcCode.Unavailable, ErrorReason.StoreUnavailable, true));
        calls.ShouldBeGreaterThan(2);

        static RpcException Away() => new(
            RpcCode.Unavailable, "away", [new OrleansFlow.Contracts.Errors.ErrorInfo { Domain = "orleansflow", Reason = "STORE_UNAVAILABLE" }]);
    }

    [Fact]
    public async Task AnOutage_IsOver_WhenAServerTakesTheStream_AlsoWhereNothingHappens()
    {
        var time = new SteppingTime(TimeSpan.FromMinutes(6));
        var restored = 0;
        var calls = 0;
        await _server.OnStream<StreamLogsRequest, StreamLogsResponse>("StreamLogs", (_, cancellation) => ++calls switch
        {
            1 => Say([new StreamLogsResponse { LogRecords = { new LogRecord { Text = "one" } }, Cursor = "c1" }], Lost()),
            <= 3 => Say<StreamLogsResponse>([], Lost()),
            _ => Say(new StreamLogsResponse { LogRecords = { new LogRecord { Text = "two" } }, Cursor = "c2" }),
        }).StartAsync();
        using var client = _server.Client(options =>
        {
            options.Time = time;
            options.ReconnectLimit = TimeSpan.FromMinutes(10);
            options.OnRestored = () => restored++;
        });

        (await client.StreamLogsAsync(new LogQuery { Run = RunA, Follow = true }, _ceiling.Token).Select(r => r.Text).ToListAsync()).ShouldBe(["one", "two"]);

        restored.ShouldBe(3);

        static RpcException Lost() => new(RpcCode.Unavailable, "away");
    }

    [Fact]
    public void WhatIsWrong_IsNoOutage_AndWhatBroke_Is()
    {
        Outage.IsOne(Error(RpcCode.Internal, new IOException("no message"))).ShouldBeFalse();
        Outage.IsOne(Error(RpcCode.Internal, new ObjectDisposedException("channel"))).ShouldBeFalse();
        Outage.IsOne(Error(RpcCode.Internal, null, isLost: true)).ShouldBeTrue();
        Outage.IsOne(Error(RpcCode.Unavailable, null)).ShouldBeTrue();
        Outage.IsOne(Error(RpcCode.ResourceExhausted, new IOException("a message is too large"))).ShouldBeFalse();
        var reset = new HttpProtocolException(0xb, "The HTTP/2 server reset the stream.", null);
        Outage.IsOne(ErrorReader.Read(HttpFailures.Explain(reset, "the server"))).ShouldBeTrue("nobody read it for a while");

        static FlowException Error(RpcCode code, Exception? inner, bool isLost = false) =>
            ErrorReader.Read(new RpcException(code, "it failed", inner: inner) { IsConnectionLost = isLost });
    }

    [Fact]
    public async Task ACursorThatTheServerRefuses_IsForgotten_ForASnapshot()
    {
        await _server.OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", (request, _) => request.Cursor.Length > 0
            ? throw new RpcException(
                RpcCode.InvalidArgument, "no such cursor",
                [new OrleansFlow.Contracts.Errors.ErrorInfo { Domain = "orleansflow", Reason = "INVALID_PAGE_TOKEN" }])
            : _server.Requests.Count == 1
                ? Say([Message(RunState.Running, "c1", snapshot: true)], new RpcException(RpcCode.Unavailable, "away"))
                : Say(Message(RunState.Success, "n1", snapshot: true))).StartAsync();
        using var client = _server.Client();

        (await client.WaitAsync(RunA, _ceiling.Token)).State.ShouldBe(RunState.Success);

        _server.Requests.Cast<WatchRunRequest>().Select(request => request.Cursor).ShouldBe(["", "c1", ""]);
    }

    [Fact]
    public async Task AServerThatComesBackElsewhere_IsFound()
    {
        await using var other = await new FakeServer().OnStream<WatchRunRequest, WatchRunResponse>(
            "WatchRun", (_, _) => Say(Message(RunState.Success, "c2", snapshot: true))).StartAsync();
        await _server.OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", (_, _) => Say(
            [Message(RunState.Running, "c1", snapshot: true)], new RpcException(RpcCode.Unavailable, "away"))).StartAsync();
        using var client = _server.Client(options => options.FindAddresses = () => [other.Address]);

        (await client.WaitAsync(RunA, _ceiling.Token)).State.ShouldBe(RunState.Success);
    }

    [Fact]
    public async Task AListenerThatThrows_EndsNothing()
    {
        var calls = 0;
        await _server.OnStream<WatchRunRequest, WatchRunResponse>("WatchRun", (_, _) => ++calls == 1
            ? Say([Message(RunState.Running, "c1", snapshot: true)], new RpcException(RpcCode.Unavailable, "away"))
            : Say(Message(RunState.Success, "c2", snapshot: false))).StartAsync();
        using var client = _server.Client(options => options.OnLost = _ => throw new InvalidOperationException("mine"));

        (await client.WaitAsync(RunA, _ceiling.Token)).State.ShouldBe(RunState.Success);
    }

    [Fact]
    public async Task Events_AreToldOnce_AcrossALostConnection()
    {
        await _server.OnStream<WatchRunEventsRequest, WatchRunEventsResponse>("WatchRunEvents", (request, _) => request.Cursor switch
        {
            "" => Say([Events("c1", 1, 2)], new RpcException(RpcCode.Unavailable, "away")),
            "c1" => Say(Events("c2", 3)),
            var other => throw new RpcException(RpcCode.InvalidArgument, other),
        }).StartAsync();
        using var client = _server.Client();

        var told = await client.WatchEventsAsync(RunA, new EventQuery { FromNow = true }, _ceiling.Token).Select(e => e.Sequence).ToListAsync();

        told.ShouldBe([1, 2, 3]);
        _server.Requests.Cast<WatchRunEventsRequest>().Select(request => request.FromNow).ShouldBe([true, false]);
    }

    [Fact]
    public async Task AReaderThatWasCutOff_GoesOn()
    {
        await _server.OnStream<StreamLogsRequest, StreamLogsResponse>("StreamLogs", (request, _) => request.Cursor.Length == 0
            ? Say(
                [new StreamLogsResponse { LogRecords = { new LogRecord { Text = "one" } }, Cursor = "c1" }],
                new RpcException(
                    RpcCode.ResourceExhausted, "too slow",
                    [new OrleansFlow.Contracts.Errors.ErrorInfo { Domain = "orleansflow", Reason = "TOO_MANY_CALLS" }]))
            : Say(new StreamLogsResponse { LogRecords = { new LogRecord { Text = "two" } }, Cursor = "c2" })).StartAsync();
        using var client = _server.Client();

        var query = new LogQuery { Run = RunA, Task = new TaskId("t"), MapIndex = 2, Follow = true, Tail = 5 };
        (await client.StreamLogsAsync(query, _ceiling.Token).Select(r => r.Text).ToListAsync()).ShouldBe(["one", "two"]);

        var requests = _server.Requests.Cast<StreamLogsRequest>().ToList();
        requests.ShouldAllBe(request => request.Name == "runs/run-a/tasks/t/elements/2" && request.Follow);
        requests.Select(request => request.Tail).ShouldBe([5, 0]);
    }

    [Fact]
    public void ASnapshotThatBrokeOff_LeavesWhatWasKnown()
    {
        var fold = new RunFold();
        fold.Apply(Message(RunState.Running, "c1", snapshot: true, Instance("a", 1), Instance("b", 1)))!.Tasks.Count.ShouldBe(2);
        fold.Apply(new WatchRunResponse { Snapshot = true, More = true, ChangedTasks = { Instance("a", 2) } }).ShouldBeNull();

        fold.Begin();
        var after = fold.Apply(new WatchRunResponse { ChangedTasks = { Instance("b", 2) }, Cursor = "c2" })!;

        after.Tasks.Values.Select(task => (task.TaskId, task.Version)).Order().ShouldBe([("a", 1L), ("b", 2L)]);
        after.Changed.ShouldHaveSingleItem().TaskId.ShouldBe("b");
        after.Cursor.ShouldBe("c2");
    }

    [Fact]
    public void ASnapshot_ForgetsWhatIsNotInIt()
    {
        var fold = new RunFold();
        fold.Apply(Message(RunState.Running, "c1", snapshot: true, Instance("a", 1), Instance("b", 1)));
        fold.Apply(new WatchRunResponse { Run = new Run { State = RunState.Running }, Snapshot = true, More = true }).ShouldBeNull();

        fold.Apply(new WatchRunResponse { ChangedTasks = { Instance("b", 3) }, Cursor = "c2" })!.Tasks.Values.ShouldHaveSingleItem().Version.ShouldBe(3);
    }

    [Fact]
    public void AnOlderVersion_ChangesNothing()
    {
        var fold = new RunFold();
        fold.Apply(Message(RunState.Running, "c1", snapshot: true, Instance("a", 5)));

        var after = fold.Apply(new WatchRunResponse { ChangedTasks = { Instance("a", 4) }, Cursor = "c2" })!;

        after.Tasks.Values.ShouldHaveSingleItem().Version.ShouldBe(5);
        after.Changed.ShouldBeEmpty();
    }

    private static WatchRunResponse Message(RunState state, string cursor, bool snapshot, params TaskInstance[] tasks) => new()
    {
        Run = new Run { Name = "runs/run-a", State = state },
        Snapshot = snapshot,
        Cursor = cursor,
        ChangedTasks = { tasks },
    };

    private static TaskInstance Instance(string id, long version) => new() { Name = $"runs/run-a/tasks/{id}", TaskId = id, Version = version };

    private static WatchRunEventsResponse Events(string cursor, params long[] sequences) => new()
    {
        Cursor = cursor,
        Events = { sequences.Select(sequence => new HistoryEvent { Sequence = sequence }) },
    };

    private static IAsyncEnumerable<T> Say<T>(T message) => Say([message], null);

    private static async IAsyncEnumerable<T> Say<T>(IEnumerable<T> messages, RpcException? end)
    {
        await Task.CompletedTask;
        foreach (var message in messages) yield return message;
        if (end is not null) throw end;
    }
}
