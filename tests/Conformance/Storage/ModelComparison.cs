using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>PostgreSQL does what the model does, whatever is asked of the two. A failure names its seed.</summary>
public class ModelComparison
{
    private const int Batches = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Postgres_AnswersAsTheModelDoes(int seed)
    {
        await using var model = new InMemoryUnderTest();
        await using var postgres = await PostgresUnderTest.StartAsync();
        var steps = new RandomSteps(seed, model.Reader);
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);

        foreach (var store in new StoreUnderTest[] { model, postgres }) await store.CommitAsync(RandomSteps.FirstWrites());
        for (var i = 0; i < Batches; i++)
        {
            var batch = await steps.NextAsync();
            var (expected, actual) = (await RunAsync(model, batch), await RunAsync(postgres, batch));
            actual.Outcome.ShouldBe(
                expected.Outcome, customMessage: $"seed {seed}, batch {i}: {expected.Message} / {actual.Message}\n{Describe(batch)}");
            foreach (var kind in expected.Kinds) seen[kind] = seen.GetValueOrDefault(kind) + 1;
            if (i % 10 == 9)
                ShouldBeEqual(await StoreDump.OfAsync(postgres, steps), await StoreDump.OfAsync(model, steps), $"seed {seed}, after batch {i}");
        }

        string.Join(" ", seen.Keys).ShouldBe("Committed Conflict LimitExceeded Rejected UniqueViolation", customMessage: $"seed {seed} is too tame");
        seen["Committed"].ShouldBeGreaterThan(Batches / 2);
    }

    private static async Task<(string Outcome, IEnumerable<string> Kinds, string? Message)> RunAsync(StoreUnderTest store, Step[] batch)
    {
        try
        {
            var outcomes = await store.ExecuteAsync(batch);
            return (string.Join('\n', outcomes), outcomes.Select(outcome => outcome.Status.ToString()), null);
        }
        catch (StoreException refused)
        {
            return (refused.Failure.ToString(), [refused.Failure.ToString()], refused.Message);
        }
    }

    private static void ShouldBeEqual(IReadOnlyList<string> actual, IReadOnlyList<string> expected, string where)
    {
        foreach (var (ours, theirs) in actual.Zip(expected)) ours.ShouldBe(theirs, customMessage: where);
        actual.Count.ShouldBe(expected.Count, where);
    }

    private static string Describe(Step[] batch) => string.Join('\n', batch.Select(step => string.Join("; ", step.Writes)));
}
