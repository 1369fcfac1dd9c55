using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Unit.Scheduling.Coordinators;

/// <summary>A command is done once by its request's id, and gets the same answer however often it comes.</summary>
public sealed class RequestTests : IAsyncDisposable
{
    private static readonly RunId s_run = new("manual-1");
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(1));
    private readonly Installation _flow = new(
        new TaskSpec { Id = new TaskId("work"), Action = new CommandAction(["work"], []) },
        new TaskSpec { Id = new TaskId("after"), Action = new NoopAction(), Needs = [new TaskId("work")] });

    private IDag Dag => _flow.Peers.Dag(Installation.Dag);

    private IDagRun Run => _flow.Peers.Run(s_run);

    private CancellationToken Patience => _patience.Token;

    public async ValueTask DisposeAsync()
    {
        await _flow.DisposeAsync();
        _patience.Dispose();
    }

    [Fact]
    public async Task EveryCommand_LeavesOneLineOfHistory_WithWhoAskedFromWhereAndByWhichRequest()
    {
        static Origin By(string request) => new("ann", "10.0.0.7", request, "for the audit");
        await Dag.ApplyAsync(Installation.Version with { By = By("apply") }, Patience);
        await Dag.SetPausedAsync(new SetPaused(true) { By = By("pause") }, Patience);
        await Dag.SetPausedAsync(new SetPaused(true) { By = By("pause-again") }, Patience);
        await Dag.SetPausedAsync(new SetPaused(false) { By = By("unpause") }, Patience);
        await _flow.Peers.Pool("gpu").SetSlotsAsync(new SetSlots(3) { By = By("pool") }, Patience);
        await Dag.TriggerAsync(new TriggerRun { Run = s_run, By = By("trigger") }, Patience);
        await _flow.RunAsync(s_run, RunState.Running);
        await Run.CancelAsync(new CancelRun { By = By("cancel") }, Patience);
        await _flow.RunAsync(s_run, RunState.Cancelled);
        await Run.CancelAsync(new CancelRun { By = By("cancel-again") }, Patience);
        await Run.ClearAsync(new ClearTasks { By = By("clear") }, Patience);

        string[] requests = ["apply", "pause", "pause-again", "unpause", "pool", "trigger", "cancel", "cancel-again", "clear"];
        string[] kinds = ["applied", "paused", "paused", "unpaused", "resized", "queued", "cancel_requested", "cancel_requested", "cleared"];
        var lines = requests.Select(request => _flow.Told(request).ShouldHaveSingleItem(request)).ToArray();
        lines.Select(line => line.Kind).ShouldBe(kinds);
        lines.ShouldAllBe(line => line.Actor == "ann" && line.Address == "10.0.0.7");
        lines.Single(line => line.Pool == "gpu").Dag.ShouldBeNull();
        lines.ShouldAllBe(line => line.Detail != null && line.Detail.EndsWith("for the audit"));
        lines[0].Detail.ShouldBe($"version {Installation.Version.Hash[..12]}: for the audit");
        lines[6].Detail.ShouldBe("for the audit");
    }

    [Fact]
    public async Task ARepeat_GetsTheFirstAnswer_WhateverHasHappenedSince_AndAcrossRestarts()
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        var pause = new SetPaused(true) { By = new Origin(RequestId: "p") };
        (await Dag.SetPausedAsync(pause, Patience)).ShouldBe(new PauseSet(true, true));
        await Dag.SetPausedAsync(new SetPaused(false), Patience);
        (await Dag.SetPausedAsync(pause, Patience)).ShouldBe(new PauseSet(true, true));
        (await _flow.Store.ReadDagAsync(Installation.Dag, Patience))!.Paused.ShouldBeFalse();

        var first = await Dag.TriggerAsync(new TriggerRun { Run = s_run, By = new Origin(RequestId: "t") }, Patience);
        await _flow.RestartAsync();
        var second = await Dag.TriggerAsync(new TriggerRun { Run = new RunId("manual-2"), By = new Origin("bob", "elsewhere", "t") }, Patience);
        first.ShouldBe(new RunTriggered(s_run, null));
        second.ShouldBe(first);
        (await _flow.Store.ReadRunAsync(new RunId("manual-2"), Patience)).ShouldBeNull();
        _flow.Told("t").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task TwoAtOnce_AreOne()
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            Dag.TriggerAsync(new TriggerRun { Run = new RunId($"manual-{i}"), By = new Origin(RequestId: i < 10 ? "a" : "b") }, Patience)));
        answers.Take(10).Distinct().ShouldHaveSingleItem();
        answers.Distinct().Count().ShouldBe(2);
        (await _flow.Store.ListRunsAsync(new RunFilter(), Patience)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task TheIdOfAnotherCommand_IsRefused_AndHarmsNobodyInTheSameBatch()
    {
        await Dag.ApplyAsync(Installation.Version with { By = new Origin(RequestId: "x") }, Patience);
        var refused = Dag.SetPausedAsync(new SetPaused(true) { By = new Origin(RequestId: "x") }, Patience);
        var neighbour = Dag.TriggerAsync(new TriggerRun { Run = s_run, By = new Origin(RequestId: "y") }, Patience);
        (await refused.ShouldThrowAsync<RequestReusedException>()).Message.ShouldBe(
            "request id 'x' was used before, for 'apply etl'; this one is 'pause etl': give every new command an id of its own, and repeat a command exactly");
        (await neighbour).Run.ShouldBe(s_run);

        var other = Dag.TriggerAsync(new TriggerRun { Run = s_run, Params = "{}", By = new Origin(RequestId: "y") }, Patience);
        (await other.ShouldThrowAsync<RequestReusedException>()).Message.ShouldContain("with other arguments");
        (await _flow.Store.ReadDagAsync(Installation.Dag, Patience))!.Paused.ShouldBeFalse();
    }

    [Fact]
    public async Task TheSameIdToTwoPeersAtOnce_ServesOneOfThem()
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        var pools = Enumerable.Range(0, 8).Select(i =>
            _flow.Peers.Pool($"pool-{i}").SetSlotsAsync(new SetSlots(i) { By = new Origin(RequestId: "same") }, Patience)).ToArray();
        await Task.WhenAll(pools.Select(async pool =>
        {
            try
            {
                await pool;
            }
            catch (RequestReusedException)
            {
            }
        }));
        pools.Count(pool => pool.IsCompletedSuccessfully).ShouldBe(1);
        (await _flow.Store.ListPoolsAsync(Patience)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task AClearWhoseOutcomeWasUnknown_SaysWhatItDid_AndDoesItOnce()
    {
        await EndedAsync();
        var lost = 0;
        _flow.LosesAnswerOf = step => step.Writes.OfType<AddRequest>().Any(write => write.Row.Id == "c") && lost++ == 0;
        var clear = new ClearTasks { By = new Origin(RequestId: "c") };
        (await Run.ClearAsync(clear, Patience)).ShouldBe(new CommandReply(true, 2));
        lost.ShouldBe(1);
        await _flow.TaskAsync(Work(s_run), TaskState.Running);
        (await Run.ClearAsync(clear, Patience)).ShouldBe(new CommandReply(true, 2));
        _flow.Told("c").ShouldHaveSingleItem().Detail.ShouldBe("2 task instances");
    }

    [Fact]
    public async Task ACancelWhoseOutcomeWasUnknown_StopsTheTasks()
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        await Dag.TriggerAsync(new TriggerRun { Run = s_run }, Patience);
        await _flow.TaskAsync(Work(s_run), TaskState.Running);
        var lost = 0;
        _flow.LosesAnswerOf = step => step.Writes.OfType<AddRequest>().Any(write => write.Row.Id == "c") && lost++ == 0;
        (await Run.CancelAsync(new CancelRun { By = new Origin(RequestId: "c", Why: "why not") }, Patience)).ShouldBe(new CommandReply(true, 1) { Changed = true });
        lost.ShouldBe(1);
        (await _flow.RunAsync(s_run, RunState.Cancelled)).Detail.ShouldBe("why not");
        _flow.Told("c").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ALateWordOfACancel_LeavesAClearedInstanceAlone()
    {
        await EndedAsync();
        await Run.ClearAsync(new ClearTasks(), Patience);
        await _flow.TaskAsync(Work(s_run), TaskState.Running);

        var ignored = _flow.Ignored;
        await _flow.Peers.Task(Work(s_run)).CancelAsync(new CancelTask(TaskReason.Cancelled), Patience);
        _flow.Ignored.ShouldBe(ignored + 1);
        (await _flow.Store.ReadAttemptsAsync(Work(s_run), Patience))[^1].ShouldSatisfyAllConditions(
            attempt => attempt.State.ShouldBe(AttemptState.Running), attempt => attempt.Stop.ShouldBeNull());

        await Run.CancelAsync(new CancelRun(), Patience);
        await _flow.RunAsync(s_run, RunState.Cancelled);
        _flow.Defects.ShouldBeEmpty();
    }

    [Fact]
    public async Task ALargeClear_ThatAHostDidNotFinish_IsFinishedByItsRepeat()
    {
        JsonArray Elements() => [.. Enumerable.Range(0, 600).Select(i => JsonValue.Create(i))];
        await using var flow = new Installation(
            new TaskSpec { Id = new TaskId("a"), Action = new NoopAction(), Map = new ListMap(Elements(), null) },
            new TaskSpec { Id = new TaskId("b"), Action = new NoopAction(), Map = new ListMap(Elements(), null) });
        await flow.Peers.Dag(Installation.Dag).ApplyAsync(Installation.Version, Patience);
        await flow.Peers.Dag(Installation.Dag).TriggerAsync(new TriggerRun { Run = s_run }, Patience);
        await flow.RunAsync(s_run, RunState.Success);

        var stuck = new TaskCompletionSource();
        flow.Loses = step =>
        {
            if (!step.Writes.OfType<AddRequest>().Any()) return false;
            stuck.TrySetResult();
            return true;
        };
        await flow.Peers.Dag(Installation.Dag).SetPausedAsync(new SetPaused(true), Patience);
        var clear = new ClearTasks { By = new Origin("ann", RequestId: "c") };
        var unanswered = flow.Peers.Run(s_run).ClearAsync(clear, Patience);
        await stuck.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        (await ClearedAsync(flow)).ShouldBe(1000);
        await flow.RestartAsync();
        unanswered.IsCompletedSuccessfully.ShouldBeFalse();

        flow.Loses = _ => false;
        (await flow.Peers.Run(s_run).ClearAsync(clear, Patience)).Accepted.ShouldBeTrue();
        (await ClearedAsync(flow)).ShouldBe(1200);
        (await flow.Peers.Run(s_run).ClearAsync(clear, Patience)).ShouldBe(new CommandReply(true, 200));
        flow.Told("c").ShouldHaveSingleItem();
    }

    private static async Task<int> ClearedAsync(Installation flow) =>
        (await flow.Store.ReadTasksAsync(s_run, default)).Count(task => task is { State: TaskState.None, Reason: TaskReason.Cleared });

    private static TaskKey Work(RunId run) => new(run, new TaskId("work"));

    private async Task EndedAsync()
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        await Dag.TriggerAsync(new TriggerRun { Run = s_run }, Patience);
        await _flow.TaskAsync(Work(s_run), TaskState.Running);
        await Run.CancelAsync(new CancelRun(), Patience);
        await _flow.RunAsync(s_run, RunState.Cancelled);
    }
}
