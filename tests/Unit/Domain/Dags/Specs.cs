using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Tests.Unit.Domain.Dags;

/// <summary>Small DAGs by their arrows: task i is called <c>t{i}</c>.</summary>
internal static class Specs
{
    public static DagSpec Dag(int[][] needs, WeightRule rule = WeightRule.Downstream, Func<int, int>? priority = null) => new()
    {
        Id = new DagId("d"),
        Tasks = [.. needs.Select((of, i) => new TaskSpec
        {
            Id = new TaskId($"t{i}"),
            Action = new NoopAction(),
            Needs = [.. of.Select(need => new TaskId($"t{need}"))],
            WeightRule = rule,
            Priority = priority?.Invoke(i) ?? 1,
        })],
    };
}
