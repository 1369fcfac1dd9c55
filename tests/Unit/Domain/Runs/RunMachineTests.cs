using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Runs;

public class RunMachineTests
{
    [Fact]
    public void AStart_ReleasesTheRoots_AndAnEnd_ThoseBelow()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a"), RunFacts.Task("b a"), RunFacts.Task("c a b")));
        progress.Step([], everything: true).Ready.Names().ShouldBe(["a"]);
        progress.Step([progress.Ended("a", TaskState.Success)]).Ready.Names().ShouldBe(["b"]);
        progress.Step([progress.Ended("b", TaskState.Success)]).Ready.Names().ShouldBe(["c"]);
        progress.Step([progress.Ended("c", TaskState.Success)]).End.ShouldBe(RunState.Success);
    }

    [Fact]
    public void AFailure_RunsDownTheDag_InOneStep_AndTheRunNamesItsCause()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("c b"), RunFacts.Task("b a"), RunFacts.Task("a")));
        progress.Step([], everything: true);
        var step = progress.Step([progress.Ended("a", TaskState.Failed)]);
        step.Settled.Names().ShouldBe(["b", "c"]);
        step.Settled.ShouldAllBe(task => task.State == TaskState.UpstreamFailed && task.Reason == TaskReason.TriggerRule
            && task.Detail == "trigger_rule: all_success" && task.EndedAt == RunFacts.Now);
        (step.End, step.Detail).ShouldBe((RunState.Failed, "failed: a"));
    }

    [Fact]
    public void ARun_IsJudgedByItsLeaves_NotByWhatFailedAbove()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a"), RunFacts.Task("clean_up a", TriggerRule.AllDone)));
        progress.Step([], everything: true);
        progress.Step([progress.Ended("a", TaskState.Failed)]).Ready.Names().ShouldBe(["clean_up"]);
        progress.Step([progress.Ended("clean_up", TaskState.Success)]).End.ShouldBe(RunState.Success);
    }

    [Fact]
    public void MappedInstances_CountOneEach()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("m") with { Map = RunFacts.Over(3) }, RunFacts.Task("join m")));
        progress.Step([], everything: true).Ready.Names().ShouldBe(["m/0", "m/1", "m/2"]);
        progress.Step([progress.Ended("m", TaskState.Success, 0)]).Ready.ShouldBeEmpty();
        progress.Step([progress.Ended("m", TaskState.Success, 2), progress.Ended("m", TaskState.Success, 1)]).Ready.Names().ShouldBe(["join"]);
    }

    [Fact]
    public void AnEmptyMap_IsSkipped_WhenItsTurnComes()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a"), RunFacts.Task("m a") with { Map = RunFacts.Over(0), When = "false" }, RunFacts.Task("below m")));
        progress.Step([], everything: true).Settled.ShouldBeEmpty();
        var step = progress.Step([progress.Ended("a", TaskState.Success)]);
        step.Settled.Names().ShouldBe(["m", "below"]);
        step.Settled[0].Reason.ShouldBe(TaskReason.EmptyMap);
        (step.Settled[1].State, step.Settled[1].Reason).ShouldBe((TaskState.Skipped, TaskReason.TriggerRule));
        step.End.ShouldBe(RunState.Success);
    }

    [Fact]
    public void When_IsAskedOnlyOfWhatItsRuleLetsRun()
    {
        var asked = new List<int>();
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a"), RunFacts.Task("b a") with { When = "x" }, RunFacts.Task("c a") with { When = "x" }));
        WhenResult Ask(int node, TaskInstance task)
        {
            asked.Add(node);
            return new WhenResult(node == 1);
        }

        progress.Step([], everything: true, Ask);
        asked.ShouldBeEmpty();
        var step = progress.Step([progress.Ended("a", TaskState.Success)], when: Ask);
        asked.ShouldBe([1, 2]);
        step.Ready.Names().ShouldBe(["b"]);
        step.Settled.ShouldHaveSingleItem().Reason.ShouldBe(TaskReason.Condition);
    }

    [Fact]
    public void When_ThatNeedsValues_KeepsTheRunOpen_AndOneThatCannotBeTold_Fails()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a") with { When = "x" }));
        var waiting = RunMachine.Decide(progress, [], true, (_, _) => WhenResult.NeedsValues, RunFacts.Now);
        (waiting.NeedValues.Count, waiting.End).ShouldBe((1, null));
        var step = progress.Step([], everything: true, (_, _) => new WhenResult(null, "no xcom 'x'"));
        var failed = step.Settled.ShouldHaveSingleItem();
        (failed.State, failed.Reason, failed.Detail).ShouldBe((TaskState.Failed, TaskReason.Unresolved, "when: no xcom 'x'"));
        step.End.ShouldBe(RunState.Failed);
    }

    [Fact]
    public void HearingOfOneTask_LooksOnlyAtThoseBelowIt()
    {
        // Roots that nobody has looked at would be released by anything that rescans.
        var others = Enumerable.Range(0, 5_000).Select(i => RunFacts.Task($"other{i}") with { When = "x" });
        var below = new[] { "b a", "c a", "d a" }.Select(line => RunFacts.Task(line) with { When = "x" });
        var progress = RunFacts.Start(RunFacts.Graph([RunFacts.Task("a"), .. below, .. others]));
        var asked = 0;
        var step = progress.Step([progress.Ended("a", TaskState.Success)], when: (_, _) =>
        {
            asked++;
            return WhenResult.Met;
        });
        step.Ready.Names().ShouldBe(["b", "c", "d"]);
        asked.ShouldBe(3);
    }

    [Fact]
    public void ACancel_SkipsWhatHasNotBegun_AndEndsTheRun_WithTheLastOfTheRest()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a"), RunFacts.Task("b a"), RunFacts.Task("c", TriggerRule.Always)));
        progress.Step([], everything: true);
        var step = RunMachine.OnCancelled(progress, [], TaskReason.Cancelled, RunFacts.Now);
        step.Settled.Names().ShouldBe(["b"]);
        step.Settled[0].Reason.ShouldBe(TaskReason.Cancelled);
        step.End.ShouldBeNull();
        foreach (var task in step.Settled) progress.Apply(task);
        var a = progress.Ended("a", TaskState.Failed);
        RunMachine.OnCancelled(progress, [a], TaskReason.Cancelled, RunFacts.Now).End.ShouldBeNull();
        var both = new[] { a, progress.Ended("c", TaskState.Success) };
        RunMachine.OnCancelled(progress, both, TaskReason.Cancelled, RunFacts.Now).End.ShouldBe(RunState.Cancelled);
        progress.Apply(progress.Run with { TimedOut = true });
        RunMachine.OnCancelled(progress, both, TaskReason.RunTimeout, RunFacts.Now).End.ShouldBe(RunState.Failed);
    }

    [Fact]
    public void AClear_ForgetsBudgets_AndNeverEpochs()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("a")));
        progress.Apply(progress.Ended("a", TaskState.Failed) with { Epoch = 4, Fence = 4, RetriesUsed = 3, InfraRetriesUsed = 1, EndedAt = RunFacts.Now });
        var cleared = RunMachine.Clear(progress, [0], null, onlyFailed: false).ShouldHaveSingleItem();
        (cleared.State, cleared.Reason).ShouldBe((TaskState.None, TaskReason.Cleared));
        (cleared.Epoch, cleared.Fence).ShouldBe((4, 5));
        (cleared.RetriesUsed, cleared.InfraRetriesUsed, cleared.EndedAt).ShouldBe((0, 0, null));
        progress.Apply(cleared);
        progress.Step([], everything: true).Ready.Names().ShouldBe(["a"]);
    }

    [Fact]
    public void AClearOfTheFailed_TakesThoseCutOffWithThem_AndLeavesTheRest()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("ok"), RunFacts.Task("bad"), RunFacts.Task("below bad"), RunFacts.Task("chosen") with { When = "x" }, RunFacts.Task("open")));
        progress.Apply(progress.Ended("ok", TaskState.Success));
        progress.Apply(progress.Ended("bad", TaskState.Failed));
        progress.Apply(progress.Ended("below", TaskState.UpstreamFailed));
        progress.Apply(progress.Ended("chosen", TaskState.Skipped) with { Reason = TaskReason.Condition });
        progress.Apply(progress.Ended("open", TaskState.Running));
        RunMachine.Clear(progress, Enumerable.Range(0, 5), null, onlyFailed: true).Names().ShouldBe(["bad", "below"]);
        RunMachine.Clear(progress, Enumerable.Range(0, 5), null, onlyFailed: false).Names().ShouldBe(["ok", "bad", "below", "chosen"]);
    }

    [Fact]
    public void AClear_MayTakeOneElement()
    {
        var progress = RunFacts.Start(RunFacts.Graph(RunFacts.Task("m") with { Map = RunFacts.Over(3) }));
        for (var i = 0; i < 3; i++) progress.Apply(progress.Ended("m", TaskState.Success, i));
        RunMachine.Clear(progress, [0], 1, onlyFailed: false).Names().ShouldBe(["m/1"]);
    }

    [Fact]
    public void AnEndThatWasNotHeardOf_CountsAsUnfinished()
    {
        var graph = RunFacts.Graph(RunFacts.Task("a"), RunFacts.Task("b a"));
        var (tasks, _) = RunExpansion.Expand(graph, RunFacts.Run());
        var progress = new RunProgress(graph, RunFacts.Run(), [tasks[0] with { State = TaskState.Success, Unreported = true }, tasks[1]]);
        (progress.Unfinished, progress.Upstream(1).Succeeded).ShouldBe((2, 0));
        progress.Step([progress.Ended("a", TaskState.Success) with { Unreported = false }]).Ready.Names().ShouldBe(["b"]);
    }

    [Fact]
    public void Expansion_TakesPoolSlotsAndPriority_AndSaysWhichMapIsWrong()
    {
        var pooled = RunFacts.Task("a") with { Pool = "gpu", PoolSlots = 3 };
        var (tasks, _) = RunExpansion.Expand(RunFacts.Graph(pooled, RunFacts.Task("m") with { Map = RunFacts.Over(2) }), RunFacts.Run());
        tasks.Names().ShouldBe(["a", "m/0", "m/1"]);
        (tasks[0].Pool, tasks[0].PoolSlots, tasks[0].Version, tasks[0].State).ShouldBe(("gpu", 3, 0, TaskState.None));
        tasks.Select(task => task.MapItem).ShouldBe([null, "0", "1"]);

        var (none, problem) = RunExpansion.Expand(RunFacts.Graph(RunFacts.Task("m") with { Map = RunFacts.Over(3) with { MaxLength = 2 } }), RunFacts.Run());
        none.ShouldBeEmpty();
        problem.ShouldBe("task m: the map has 3 elements or more, and max_map_length is 2");
    }
}
