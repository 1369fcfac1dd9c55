using System.Globalization;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.Domain.Dags.Validation;

/// <summary>What must hold of the arrows between tasks.</summary>
internal static class GraphRules
{
    private const int LongestSpelling = 20;

    public static void Check(TaskGraph graph, SpecProblems problems)
    {
        var arrows = graph.Tasks.Sum(task => (long)task.Needs.Count);
        if (arrows > DagLimits.MaxDependencies)
        {
            problems.Error(
                string.Create(CultureInfo.InvariantCulture, $"there are {arrows} dependencies, at most {DagLimits.MaxDependencies} are allowed: put a 'noop' task between large groups"),
                "tasks");
        }

        foreach (var task in graph.Tasks.TakeWhile(_ => !problems.IsHopeless))
            foreach (var need in task.Needs.Where(need => graph.IndexOf(need) is null))
                problems.Error($"there is no task '{need}'.{DidYouMean.Hint(need.Value, graph.Tasks.Select(t => t.Id.Value))}", "tasks", task.Id.Value, "needs");

        foreach (var cycle in graph.Cycles())
            problems.Error($"these tasks wait for each other: {Spell(graph, cycle)}. Remove one of the needs", "tasks", graph.Tasks[cycle[0]].Id.Value, "needs");
    }

    private static string Spell(TaskGraph graph, IReadOnlyList<int> cycle)
    {
        var names = cycle.Take(LongestSpelling).Select(task => graph.Tasks[task].Id.Value).ToList();
        if (cycle.Count > LongestSpelling) names.Add(string.Create(CultureInfo.InvariantCulture, $"({cycle.Count - LongestSpelling} more)"));
        names.Add(names[0]);
        return string.Join(" -> ", names);
    }
}
