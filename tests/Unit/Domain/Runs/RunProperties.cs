using FsCheck;
using FsCheck.Fluent;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Runs;

/// <summary>Random DAGs with random outcomes, reported in any order and in batches.</summary>
public class RunProperties
{
    private static readonly TriggerRule[] Rules = Enum.GetValues<TriggerRule>();

    [Fact]
    public void EveryRun_Ends_AndNothingStartsBeforeItsRuleAllows() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var progress = RunFacts.Start(RandomGraph(random));
            WhenResult When(int node, TaskInstance task) => new((seed + node + task.Key.MapIndex) % 3 != 0);
            Step(progress, [], everything: true, When);
            while (!progress.Run.State.IsFinished())
            {
                var open = progress.All.Where(task => task.State == TaskState.Queued).ToArray();
                open.ShouldNotBeEmpty("a run that goes on has something to wait for");
                random.Shuffle(open);
                var news = open.Take(random.Next(1, 4)).Select(task => task with { State = Outcome(random) }).ToArray();
                Step(progress, news, false, When);
                if (!progress.Run.State.IsFinished() && random.Next(6) == 0) Clear(progress, random, When);
            }

            progress.All.ShouldAllBe(task => task.State.IsFinished());
            progress.Run.State.ShouldBe(Judge(progress));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_500));

    private static DagGraph RandomGraph(Random random)
    {
        var ids = Enumerable.Range(0, random.Next(1, 9)).Select(i => $"t{i}").ToArray();
        var tasks = ids.Select((id, i) =>
        {
            var needs = ids.Take(i).Where(_ => random.Next(3) == 0);
            return RunFacts.Task(string.Join(' ', needs.Prepend(id)), random.Next(2) == 0 ? TriggerRule.AllSuccess : Rules[random.Next(Rules.Length)]) with
            {
                Map = random.Next(4) == 0 ? RunFacts.Over(random.Next(4)) : null,
                When = random.Next(5) == 0 ? "asked" : null,
            };
        }).ToArray();
        random.Shuffle(tasks);
        return RunFacts.Graph(tasks);
    }

    private static TaskState Outcome(Random random) => random.Next(4) switch
    {
        0 => TaskState.Failed,
        1 => TaskState.Skipped,
        _ => TaskState.Success,
    };

    private static void Step(RunProgress progress, TaskInstance[] news, bool everything, Func<int, TaskInstance, WhenResult> when)
    {
        var step = progress.Step(news, everything, when);
        var rebuilt = new RunProgress(progress.Graph, progress.Run, [.. progress.All]);
        rebuilt.Unfinished.ShouldBe(progress.Unfinished);
        for (var node = 0; node < progress.Graph.Count; node++) rebuilt.Upstream(node).ShouldBe(progress.Upstream(node));
        foreach (var task in step.Ready) Said(progress, task).ShouldBe(RuleVerdict.Run, $"{task.Key} was released");
        foreach (var task in step.Settled)
        {
            var said = Said(progress, task);
            if (task.Reason != TaskReason.TriggerRule) said.ShouldBe(RuleVerdict.Run, $"{task.Key} is {task.State}");
            else if (task.State == TaskState.UpstreamFailed) said.ShouldBe(RuleVerdict.UpstreamFailed, $"{task.Key}");
            else said.ShouldBeOneOf(RuleVerdict.Skip, RuleVerdict.UpstreamFailed);
        }

        foreach (var task in progress.All.Where(task => task.State == TaskState.None))
            Said(progress, task).ShouldBe(RuleVerdict.Wait, $"{task.Key} was forgotten");
    }

    // A clear of anything that has finished: what is below and has not finished keeps its place.
    private static void Clear(RunProgress progress, Random random, Func<int, TaskInstance, WhenResult> when)
    {
        var cleared = RunMachine.Clear(progress, progress.Graph.WithDownstream([random.Next(progress.Graph.Count)]), null, random.Next(2) == 0);
        foreach (var task in cleared) progress.Apply(task);
        Step(progress, [], everything: true, when);
    }

    private static RuleVerdict Said(RunProgress progress, TaskInstance task)
    {
        var node = progress.Graph.IndexOf(task.Key.Task);
        var above = progress.Graph.Upstream(node).SelectMany(progress.Instances).ToArray();
        int Count(TaskState state) => above.Count(up => up.State == state);
        return TriggerRuleOracle.Evaluate(progress.Graph[node].TriggerRule, new UpstreamCounts(
            above.Length, Count(TaskState.Success), Count(TaskState.Failed), Count(TaskState.UpstreamFailed), Count(TaskState.Skipped)));
    }

    private static RunState Judge(RunProgress progress) =>
        Enumerable.Range(0, progress.Graph.Count).Where(node => progress.Graph.Downstream(node).Count == 0)
            .SelectMany(progress.Instances).Any(task => task.State is TaskState.Failed or TaskState.UpstreamFailed)
            ? RunState.Failed
            : RunState.Success;
}
