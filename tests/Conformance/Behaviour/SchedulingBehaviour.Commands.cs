using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Tests.Conformance.Behaviour;

public abstract partial class SchedulingBehaviour
{
    [Fact]
    public Task CancelledRun_StopsWhatRuns_AndSkipsTheRest() => LiveAsync(
        """
        tasks:
          a: { command: [wait] }
          b: { needs: [a], command: [ok] }
        """,
        async scene =>
        {
            var run = await scene.TriggerAsync();
            await scene.UntilRunningAsync(run, "a");
            (await scene.RunPeer(run).CancelAsync(new CancelRun(), default)).Accepted.ShouldBeTrue();
            var end = await scene.EndAsync(run);
            end.Run.State.ShouldBe(RunState.Cancelled);
            Scene.States(end).ShouldBe("a=failed b=skipped");
            end.Tasks.ShouldAllBe(task => task.Reason == TaskReason.Cancelled);
        });

    [Fact]
    public Task ClearedTask_RunsAgain_WithWhatIsBelow() => LiveAsync(
        """
        tasks:
          a: { command: [ok] }
          b: { needs: [a], command: [until, "2"] }
          c: { needs: [b], command: [ok] }
        """,
        async scene =>
        {
            var run = await scene.TriggerAsync();
            Scene.States(await scene.EndAsync(run)).ShouldBe("a=success b=failed c=upstream_failed");
            (await scene.RunPeer(run).ClearAsync(new ClearTasks { OnlyFailed = true }, default)).Affected.ShouldBe(2);
            var end = await scene.UntilAsync(run, detail => detail.Run.State == RunState.Success);
            Scene.States(end).ShouldBe("a=success b=success c=success");
            scene.Launched(run).ShouldBe("a b b c");
            end.Attempts.Select(attempt => attempt.Key.Epoch).ShouldBe([1, 1, 2, 1]);
        });

    [Fact]
    public Task Pool_LetsTheMostUrgentGoFirst() => LiveAsync(
        """
        defaults: { pool: narrow, weight_rule: absolute }
        tasks:
          holder: { command: [wait], priority: 9 }
          low: { command: [ok], priority: 1 }
          high: { command: [ok], priority: 3 }
          middle: { command: [ok], priority: 2 }
        """,
        async scene =>
        {
            var run = await scene.TriggerAsync();
            var waiting = await scene.UntilAsync(run, detail => detail.Tasks.Count(task => task.Reason == TaskReason.PoolFull) == 3
                && detail.Tasks.Any(task => task.State == TaskState.Running));
            Scene.States(waiting).ShouldBe("high=scheduled holder=running low=scheduled middle=scheduled");
            scene.Backend.Finish(Scene.Task(run, "holder"));
            await scene.EndAsync(run);
            scene.Launched(run).ShouldBe("holder high middle low");
        },
        before: peers => peers.Pool("narrow").SetSlotsAsync(new SetSlots(1), default));

    [Fact]
    public Task PausedDag_StartsItsRun_OnlyWhenItIsUnpaused() => LiveAsync(
        """
        tasks:
          a: { command: [ok] }
        """,
        async scene =>
        {
            (await scene.DagPeer.SetPausedAsync(new SetPaused(true), default)).Changed.ShouldBeTrue();
            var run = await scene.TriggerAsync();
            await scene.DagPeer.WakeAsync(new Wake(), default);
            (await scene.UntilAsync(run, _ => true)).Run.State.ShouldBe(RunState.Queued);
            await scene.DagPeer.SetPausedAsync(new SetPaused(false), default);
            (await scene.EndAsync(run)).Run.State.ShouldBe(RunState.Success);
        });

    [Fact]
    public Task MoreRunsThanMayRun_WaitInTheOrderOfTheirDates() => LiveAsync(
        """
        max_active_runs: 1
        tasks:
          a: { command: [wait] }
        """,
        async scene =>
        {
            RunId[] runs = [await scene.TriggerAsync(), await scene.TriggerAsync(), await scene.TriggerAsync()];
            foreach (var run in runs)
            {
                await scene.UntilRunningAsync(run, "a");
                foreach (var later in runs.SkipWhile(each => each != run).Skip(1))
                    (await scene.UntilAsync(later, _ => true)).Run.State.ShouldBe(RunState.Queued);
                scene.Backend.Finish(Scene.Task(run, "a"));
                (await scene.EndAsync(run)).Run.State.ShouldBe(RunState.Success);
            }
        });

    [Fact]
    public Task AttemptThatTakesTooLong_IsStopped() => LiveAsync(
        """
        tasks:
          a: { command: [wait], timeout: 100ms }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            Scene.States(end).ShouldBe("a=failed");
            end.Attempts.Single().Cause.ShouldBe(AttemptCause.Timeout);
        });

    [Fact]
    public Task RunThatTakesTooLong_IsEnded() => LiveAsync(
        """
        run_timeout: 100ms
        tasks:
          a: { command: [wait] }
          b: { needs: [a], command: [ok] }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            end.Run.State.ShouldBe(RunState.Failed);
            end.Run.TimedOut.ShouldBeTrue();
            end.Tasks.ShouldAllBe(task => task.Reason == TaskReason.RunTimeout);
        });

    [Fact]
    public Task WordThatComesTwice_CountsOnce() => LiveAsync(
        """
        tasks:
          a: { command: [until, "2"], retries: 3, retry_delay: 1ms }
          b: { needs: [a], command: [ok] }
        """,
        async scene =>
        {
            scene.Backend.Repeats = 3;
            try
            {
                var run = await scene.TriggerAsync();
                var end = await scene.EndAsync(run);
                Scene.States(end).ShouldBe("a=success b=success");
                scene.Launched(run).ShouldBe("a a b");
                end.Tasks[0].RetriesUsed.ShouldBe(1);
                await scene.RunPeer(run).TaskFinishedAsync(new TaskFinished(Scene.Task(run, "a"), TaskState.Success, 2, end.Tasks[0].Version), default);
                (await scene.UntilAsync(run, _ => true)).Run.Version.ShouldBe(end.Run.Version);
            }
            finally
            {
                scene.Backend.Repeats = 1;
            }
        });

    [Fact]
    public Task RepeatedCommand_GetsItsAnswerAgain() => LiveAsync(
        """
        tasks:
          a: { command: [wait] }
        """,
        async scene =>
        {
            var id = $"request-{scene.Dag}";
            var first = new TriggerRun { Run = new RunId($"{scene.Dag}-1"), By = Origin.Unknown with { RequestId = id } };
            var run = (await scene.DagPeer.TriggerAsync(first, default)).Run!.Value;
            (await scene.DagPeer.TriggerAsync(first with { Run = new RunId($"{scene.Dag}-2") }, default)).Run.ShouldBe(run);
            var reused = () => scene.RunPeer(run).CancelAsync(new CancelRun { By = Origin.Unknown with { RequestId = id } }, default);
            (await reused.ShouldThrowAsync<RequestReusedException>()).Message.ShouldContain(id);
            await scene.UntilRunningAsync(run, "a");
            scene.Backend.Finish(Scene.Task(run, "a"));
            await scene.EndAsync(run);
        });

    [Fact]
    public Task MoreTasksThanMayRun_TakeTurns() => LiveAsync(
        """
        max_active_tasks: 2
        tasks:
          a: { map: { over: [1, 2, 3, 4, 5, 6] }, command: [wait] }
        """,
        async scene =>
        {
            var run = await scene.TriggerAsync();
            for (var left = 6; left > 0; left--)
            {
                var most = Math.Min(2, left);
                var now = await scene.UntilAsync(run, detail => detail.Tasks.Count(task => task.State == TaskState.Running) == most);
                var next = now.Tasks.First(task => task.State == TaskState.Running).Key;
                scene.Backend.Finish(next);
                await scene.UntilAsync(run, detail => detail.Tasks.Single(task => task.Key == next).State == TaskState.Success);
            }

            (await scene.EndAsync(run)).Run.State.ShouldBe(RunState.Success);
        });
}
