using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Tests.Unit.Domain.Dags;

public class TaskGraphTests
{
    [Fact]
    public void RandomGraphs_AreOrdered_OrHaveACycleThatIsOne()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(1, 30);
            var needs = Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, count).Where(_ => random.Next(count * 2) == 0).ToArray()).ToArray();
            var graph = new TaskGraph(Specs.Dag(needs).Tasks);

            var position = graph.Order.Select((task, i) => (task, i)).ToDictionary(pair => pair.task, pair => pair.i);
            graph.Order.All(task => needs[task].All(need => position[need] < position[task])).ShouldBeTrue($"seed {seed}");
            graph.Cycles().Any().ShouldBe(graph.HasCycle, $"seed {seed}");
            foreach (var cycle in graph.Cycles())
                cycle.Select((task, i) => needs[cycle[(i + 1) % cycle.Count]].Contains(task)).ShouldNotContain(false, $"seed {seed}");
        }
    }

    [Fact]
    public void Upstream_AgreesWithPlainSearch()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var needs = Enumerable.Range(0, 400).Select(i => i == 0 ? [] : Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(i)).Distinct().ToArray()).ToArray();
            var upstream = new Upstream(new TaskGraph(Specs.Dag(needs).Tasks));
            for (var i = 0; i < 100; i++)
            {
                var (above, task) = (random.Next(400), random.Next(400));
                upstream.IsAbove(above, task).ShouldBe(Reaches(needs, task, above), $"seed {seed}: {above} above {task}");
            }
        }
    }

    private static bool Reaches(int[][] needs, int from, int to) => needs[from].Any(need => need == to || Reaches(needs, need, to));
}
