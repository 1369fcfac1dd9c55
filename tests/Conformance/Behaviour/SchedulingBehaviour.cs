using System.Runtime.CompilerServices;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Tests.Conformance.Behaviour;

/// <summary>What becomes of DAGs and runs, whatever hosts their coordinators. A host's test class has no tests of its own, only its fixture.</summary>
/// <param name="host">The host.</param>
public abstract partial class SchedulingBehaviour(SchedulingHost host)
{
    [Fact]
    public Task Chain_RunsInOrder() => LiveAsync(
        """
        tasks:
          a: { command: [ok] }
          b: { needs: [a], command: [ok] }
          c: { needs: [b], command: [ok] }
        """,
        async scene =>
        {
            var run = await scene.TriggerAsync();
            var end = await scene.EndAsync(run);
            end.Run.State.ShouldBe(RunState.Success);
            scene.Launched(run).ShouldBe("a b c");
            end.Attempts.ShouldAllBe(attempt => attempt.State == AttemptState.Succeeded);
        });

    [Fact]
    public Task FanIn_StartsOnce_WhenTheLastOfManyHasEnded() => LiveAsync(
        """
        tasks:
          many: { map: { over: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20] }, command: [ok] }
          last: { needs: [many], command: [ok] }
        """,
        async scene =>
        {
            var run = await scene.TriggerAsync();
            (await scene.EndAsync(run)).Run.State.ShouldBe(RunState.Success);
            var launched = scene.Launched(run).Split(' ');
            launched.Length.ShouldBe(21);
            launched[^1].ShouldBe("last");
        });

    [Fact]
    public Task TriggerRules_DecideWhatFollowsAFailure() => LiveAsync(
        """
        tasks:
          good: { command: [ok] }
          bad: { command: [exit, "7"] }
          all: { needs: [good, bad], command: [ok] }
          done: { needs: [good, bad], trigger_rule: all_done, command: [ok] }
          failed: { needs: [good, bad], trigger_rule: one_failed, command: [ok] }
          none: { needs: [good], trigger_rule: one_failed, command: [ok] }
          below: { needs: [all], command: [ok] }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            Scene.States(end).ShouldBe("all=upstream_failed bad=failed below=upstream_failed done=success failed=success good=success none=skipped");
            end.Run.State.ShouldBe(RunState.Failed);
            end.Attempts.Single(attempt => attempt.Key.Task.Task.Value == "bad").ExitCode.ShouldBe(7);
        });

    [Fact]
    public Task Retries_WaitLongerEachTime_AndEndWithTheFirstSuccess() => LiveAsync(
        """
        tasks:
          a: { command: [until, "3"], retries: 5, retry_delay: 50ms, retry_backoff: 4 }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            Scene.States(end).ShouldBe("a=success");
            end.Tasks[0].RetriesUsed.ShouldBe(2);
            end.Attempts.Select(attempt => attempt.Cause).ShouldBe([AttemptCause.Application, AttemptCause.Application, null]);
            (end.Attempts[1].CreatedAt - end.Attempts[0].EndedAt!.Value).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(37), "50 ms, spread by up to a quarter");
        });

    [Fact]
    public Task RetriesThatRunOut_FailTheTask() => LiveAsync(
        """
        tasks:
          a: { command: [exit, "1"], retries: 2, retry_delay: 1ms }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            end.Run.State.ShouldBe(RunState.Failed);
            end.Attempts.Count.ShouldBe(3);
        });

    [Fact]
    public Task LostAttempts_AreReplaced_AndCostNoRetry() => LiveAsync(
        """
        tasks:
          a: { command: [lost, "3"] }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            Scene.States(end).ShouldBe("a=success");
            (end.Tasks[0].RetriesUsed, end.Tasks[0].InfraRetriesUsed).ShouldBe((0, 2));
        });

    [Fact]
    public Task SkippedTask_SkipsWhatNeedsIt() => LiveAsync(
        """
        tasks:
          a: { command: [exit, "99"] }
          b: { needs: [a], command: [ok] }
          c: { needs: [a], trigger_rule: none_failed, command: [ok] }
          d: { when: "params.wanted", command: [ok] }
        params:
          wanted: { type: boolean, default: false }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            Scene.States(end).ShouldBe("a=skipped b=skipped c=success d=skipped");
            end.Run.State.ShouldBe(RunState.Success);
        });

    [Fact]
    public Task Xcoms_ReachTheCommandsOfTasksBelow() => LiveAsync(
        """
        tasks:
          a: { command: [xcom, code, "3"] }
          b: { needs: [a], command: [exit, "{{ xcom.a.code }}"] }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            end.Attempts.Single(attempt => attempt.Key.Task.Task.Value == "b").ExitCode.ShouldBe(3);
        });

    [Fact]
    public Task MappedTask_HasAnInstanceForEachElement() => LiveAsync(
        """
        tasks:
          each: { map: { over: [0, 1, 99] }, command: [exit, "{{ map.item }}"] }
          after: { needs: [each], trigger_rule: all_done, command: [ok] }
          empty: { map: { over: [] }, command: [ok] }
        """,
        async scene =>
        {
            var end = await scene.EndAsync(await scene.TriggerAsync());
            Scene.States(end).ShouldBe("after=success each[0]=success each[1]=failed each[2]=skipped empty=skipped");
        });

    private Task LiveAsync(string yaml, Func<Scene, Task> test, Func<IPeers, Task>? before = null, [CallerMemberName] string name = "") =>
        host.LiveAsync(async () =>
        {
            var known = host.Defects.Count;
            if (before is not null) await before(host.Peers);
            await test(await Scene.ApplyAsync(host, name.ToLowerInvariant(), yaml));
            host.Defects.Skip(known).ShouldBeEmpty();
        });
}
