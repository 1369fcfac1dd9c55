using OrleansFlow.Domain.Limits;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Reading;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>What is told to callers when PostgreSQL fails them, and what concurrent writers do to each other.</summary>
public class PostgresFailureFacts
{
    [Fact]
    public async Task ASessionEndedWhileCommitting_LeavesTheOutcomeUnknown_AndTheNextBatchWorks()
    {
        await using var store = await PostgresUnderTest.StartAsync();
        await store.CommitAsync(Rows.NewRun());
        await Database.MakeCommitsSlowAsync(store.Database.ConnectionString);

        var batch = store.ExecuteAsync(Rows.Step(new PutTask(Rows.TaskRow(Rows.Load), 1), new AddHistory(Rows.EventRow("queued"))));
        var pid = await Database.SlowCommitAsync(store.Database.ConnectionString);
        await Database.ExecuteAsync(store.Database.ConnectionString, $"SELECT pg_terminate_backend({pid}, 10000)");

        (await Should.ThrowAsync<StoreException>(batch)).Failure.ShouldBe(StoreFailure.OutcomeUnknown);
        await store.CommitAsync(new PutTask(Rows.TaskRow(Rows.Load), 1));
    }

    [Fact]
    public async Task AnIdleConnectionThatWasEnded_IsUnavailable_AndReplaced()
    {
        await using var store = await PostgresUnderTest.StartAsync();
        await store.CommitAsync(Rows.NewRun());
        await Database.ExecuteAsync(
            store.Database.ConnectionString,
            $"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '{store.Connections.HostId}'");

        (await Should.ThrowAsync<StoreException>(store.ExecuteAsync(Rows.Step(new PutTask(Rows.TaskRow(Rows.Load), 1)))))
            .Failure.ShouldBe(StoreFailure.Unavailable);
        await store.CommitAsync(new PutTask(Rows.TaskRow(Rows.Load), 1));
    }

    [Fact]
    public async Task AServerThatIsNotThere_IsUnavailable()
    {
        await using var connections = new PostgresConnections("Host=/tmp/no-such-folder;Username=flow;Database=flow", "host-1");
        var write = await Should.ThrowAsync<StoreException>(
            new PostgresBatchExecutor(connections, 1).ExecuteAsync([Rows.Step(Rows.NewDag())], CancellationToken.None));
        var read = await Should.ThrowAsync<StoreException>(new PostgresStateReader(connections).ReadDagAsync(Rows.Dag, CancellationToken.None));
        var query = await Should.ThrowAsync<StoreException>(new PostgresQueries(connections).GetRunAsync(Rows.Run, CancellationToken.None));
        new[] { write, read, query }.ShouldAllBe(failure => failure.Failure == StoreFailure.Unavailable);
    }

    [Fact]
    public async Task TextThatIsNotUnicode_IsRejected()
    {
        await using var store = await PostgresUnderTest.StartAsync();
        await store.CommitAsync(Rows.NewRun());
        await store.RefuseAsync(StoreFailure.Rejected, new PutTask(Rows.TaskRow(Rows.Load) with { Detail = "half \ud83d" }, 1));
        await store.CommitAsync(new PutTask(Rows.TaskRow(Rows.Load), 1));
    }

    [Fact]
    public async Task OfWritersThatMeet_OneWins()
    {
        await using var store = await PostgresUnderTest.StartAsync();
        await store.CommitAsync(Rows.NewRun());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => store.ExecuteAsync(
            Rows.Step(new PutTask(Rows.TaskRow(Rows.Load) with { RetriesUsed = i }, 1), new PutTask(Rows.TaskRow(Rows.Extract), 1))))));

        outcomes.Count(outcome => outcome[0].Status == StepStatus.Committed).ShouldBe(1);
        outcomes.Count(outcome => outcome[0].Status == StepStatus.Conflict).ShouldBe(3);
    }

    [Fact]
    public async Task WritersThatMeet_DoNotExceedALimit()
    {
        await using var store = await PostgresUnderTest.StartAsync();
        await store.CommitAsync(new SetLimit("global", 3));

        var taking = new Step { Anchor = RowKey.OfPool("x"), Writes = [], Limits = [new LimitDelta("global", 1)] };
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.ExecuteAsync(taking))));

        outcomes.Count(outcome => outcome[0].Status == StepStatus.Committed).ShouldBe(3);
        outcomes.Count(outcome => outcome[0].Status == StepStatus.LimitExceeded).ShouldBe(5);
        (await store.Reader.ReadLimitsAsync(["global"], CancellationToken.None)).ShouldBe([new LimitCounter("global", 3, 3)]);
    }

    [Fact]
    public async Task AReader_SeesNothingOfABatchUnderWay()
    {
        await using var store = await PostgresUnderTest.StartAsync();
        await store.CommitAsync(Rows.NewRun());
        await Database.MakeCommitsSlowAsync(store.Database.ConnectionString);
        var batch = store.ExecuteAsync(Rows.Step(
            new PutTask(Rows.TaskRow(Rows.Load) with { Detail = "half" }, 1), new AddHistory(Rows.EventRow("queued"))));
        var pid = await Database.SlowCommitAsync(store.Database.ConnectionString);

        (await store.Reader.ReadTaskAsync(Rows.Load, CancellationToken.None)).ShouldBe(Rows.TaskRow(Rows.Load));

        await Database.ExecuteAsync(store.Database.ConnectionString, $"SELECT pg_cancel_backend({pid})");
        (await Should.ThrowAsync<StoreException>(batch)).Failure.ShouldBe(StoreFailure.Contention);
        (await store.Reader.ReadTaskAsync(Rows.Load, CancellationToken.None)).ShouldBe(Rows.TaskRow(Rows.Load));
    }
}
