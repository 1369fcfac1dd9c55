using OrleansFlow.Domain.Dags.Validation;

namespace OrleansFlow.Domain.Dags;

/// <summary>
/// Judges a DAG, wherever it came from. Collects every problem instead of stopping at the first. Pure and thread-safe;
/// O(tasks + arrows + text), with references over many hops at worst O(tasks * arrows / 64).
/// </summary>
public static class DagValidator
{
    /// <summary>Everything that is wrong with a DAG; no error among it means that it can run.</summary>
    public static IReadOnlyList<SpecProblem> Validate(DagSpec dag)
    {
        ArgumentNullException.ThrowIfNull(dag);
        var problems = new SpecProblems();
        var graph = new TaskGraph(dag.Tasks);

        DagRules.Check(dag, problems);
        GraphRules.Check(graph, problems);
        foreach (var task in dag.Tasks)
        {
            TaskRules.Check(task, problems);
            MapRules.Check(dag, task, problems);
        }

        ReferenceRules.Check(dag, graph, problems);
        return problems.All;
    }
}
