using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>What was planned while tables were small still finds rows by their keys when they have grown.</summary>
public sealed class PlanFacts
{
    private const int Runs = 12;

    [Fact]
    public async Task TasksAreInserted_WithoutReadingAnIndexOfAllRuns()
    {
        await using var store = await PostgresUnderTest.StartAsync();
        await store.CommitAsync(Rows.NewDag());
        await store.CommitAsync([.. Enumerable.Range(0, Runs).Select(i => new PutRun(Rows.RunRow(new RunId($"manual-{i}")), 0))]);
        // Every page is known to be visible to all now, so what reads an index only looks cheapest. Commits are durable first.
        await Database.ExecuteAsync(store.Database.ConnectionString, "CHECKPOINT");
        await Database.ExecuteAsync(store.Database.ConnectionString, "VACUUM ANALYZE dag_run");

        for (var i = 0; i < Runs; i++) await store.CommitAsync(new PutTask(Rows.TaskRow(new TaskKey(new RunId($"manual-{i}"), new TaskId("load"))), 0));

        await EndSessionsAsync(store);
        var scans = $"SELECT {Scans("dag_run_latest")} + {Scans("dag_run_latest_of_dag")}";
        (await Database.ScalarAsync<long>(store.Database.ConnectionString, scans)).ShouldBe(0);
    }

    [Fact]
    public async Task TasksOfARun_AreCounted_WithoutReadingThoseOfOthers()
    {
        const int many = 3000;
        await using var store = await PostgresUnderTest.StartAsync();
        await store.CommitAsync(Rows.NewRun());
        var queries = new PostgresQueries(store.Connections);
        for (var i = 0; i < Runs; i++) (await queries.FindRunAsync(Rows.Run, CancellationToken.None))!.TasksByState[TaskState.None].ShouldBe(2);
        var large = new RunId("large");
        var tasks = Enumerable.Range(0, many).Select(i => new TaskKey(large, new TaskId("t"), i));
        await store.CommitAsync([new PutRun(Rows.RunRow(large), 0), .. tasks.Select(task => new PutTask(Rows.TaskRow(task), 0))]);

        for (var i = 0; i < Runs; i++) (await queries.FindRunAsync(Rows.Run, CancellationToken.None))!.TasksByState[TaskState.None].ShouldBe(2);

        await EndSessionsAsync(store);
        (await Database.ScalarAsync<long>(store.Database.ConnectionString, "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'task_instance'"))
            .ShouldBeLessThan(many);
    }

    // What sessions have done is certain to be counted when they have ended.
    private static async Task EndSessionsAsync(PostgresUnderTest store)
    {
        await store.Fence.DisposeAsync();
        await store.Connections.DisposeAsync();
        await Database.UntilAsync(
            store.Database.ConnectionString,
            $"SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = '{store.Connections.HostId}'");
    }

    private static string Scans(string index) => $"(SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = '{index}')";
}
