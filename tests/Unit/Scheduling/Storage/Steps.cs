using OrleansFlow.Domain.Limits;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Unit.Scheduling.Storage;

/// <summary>Small steps on pools: the row names the step.</summary>
internal static class Steps
{
    public static RowKey Row(string name) => RowKey.OfPool(name);

    public static Step Put(string row, long expected = 1) =>
        new() { Anchor = Row(row), Writes = [new PutPool(new Pool(row, 1, Version: expected + 1), expected)] };

    public static Step Puts(params string[] rows) =>
        new() { Anchor = Row(rows[0]), Writes = [.. rows.Select(row => new PutPool(new Pool(row, 1, Version: 2), 1))] };

    public static Step Taking(this Step step, string limit, int amount) =>
        step with { Limits = [.. step.Limits, new LimitDelta(limit, amount)] };

    public static string Name(Step step) => step.Anchor.Id;
}
