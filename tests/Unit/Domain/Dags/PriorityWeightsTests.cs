using System.Diagnostics;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Tests.Unit.Domain.Dags;

public class PriorityWeightsTests
{
    [Fact]
    public void Diamond_CountsItsEndOnce()
    {
        DagSpec Dag(WeightRule rule) => Specs.Dag([[], [0], [0], [1, 2]], rule, i => i + 1);

        PriorityWeights.Of(Dag(WeightRule.Downstream)).ShouldBe([10, 6, 7, 4]);
        PriorityWeights.Of(Dag(WeightRule.Upstream)).ShouldBe([1, 3, 4, 10]);
        PriorityWeights.Of(Dag(WeightRule.Absolute)).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void RandomDags_AgreeWithPlainSearch()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(1, 200);
            var needs = Enumerable.Range(0, count).Select(i => Enumerable.Range(0, i).Where(_ => random.Next(i) < seed % 5).ToArray()).ToArray();
            var own = needs.Select(_ => random.Next(-5, 100)).ToArray();
            var dag = Specs.Dag(needs, WeightRule.Downstream, i => own[i]);
            dag = dag with { Tasks = [.. dag.Tasks.Select(task => task with { WeightRule = (WeightRule)random.Next(1, 4) })] };

            PriorityWeights.Of(dag).ShouldBe(Enumerable.Range(0, count).Select(i => Slow(dag, needs, own, i)), $"seed {seed}");
        }
    }

    [Fact]
    public void FiftyThousandEntangledTasks_TakeSeconds()
    {
        var random = new Random(1);
        var dag = Specs.Dag([.. Enumerable.Range(0, 50_000).Select(i => i == 0 ? [] : new[] { random.Next(i), Math.Max(0, i - 1 - random.Next(50)) }.Distinct().ToArray())], WeightRule.Downstream, _ => 1);
        var watch = Stopwatch.StartNew();

        PriorityWeights.Of(dag)[0].ShouldBe(50_000);

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    private static long Slow(DagSpec dag, int[][] needs, int[] own, int task)
    {
        IEnumerable<int> Next(int at) => dag.Tasks[task].WeightRule == WeightRule.Upstream ? needs[at] : Enumerable.Range(0, needs.Length).Where(i => needs[i].Contains(at));

        var seen = new HashSet<int>();
        var open = new Stack<int>(dag.Tasks[task].WeightRule == WeightRule.Absolute ? [] : [task]);
        while (open.TryPop(out var at))
            foreach (var next in Next(at))
                if (seen.Add(next))
                    open.Push(next);
        return own[task] + seen.Sum(i => (long)own[i]);
    }
}
