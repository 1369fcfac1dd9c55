using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Storage.Postgres.Batches;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Storage.Postgres.Migrations;
using OrleansFlow.Storage.Postgres.Reading;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>A fresh store: what a host composes of an adapter.</summary>
internal abstract class StoreUnderTest : IAsyncDisposable
{
    public abstract IBatchExecutor Executor { get; }

    public abstract IStateReader Reader { get; }

    public abstract IQueries Queries { get; }

    public abstract ValueTask DisposeAsync();

    public Task<IReadOnlyList<StepOutcome>> ExecuteAsync(params Step[] batch) => Executor.ExecuteAsync(batch, CancellationToken.None);

    /// <summary>Commits one step that must succeed.</summary>
    public async Task CommitAsync(params RowWrite[] writes) =>
        (await ExecuteAsync(Rows.Step(writes))).ShouldHaveSingleItem().ShouldBe(StepOutcome.Committed);

    /// <summary>Commits one step that the store must refuse as a whole.</summary>
    public async Task<StoreException> RefuseAsync(StoreFailure failure, params RowWrite[] writes)
    {
        var refused = await Should.ThrowAsync<StoreException>(ExecuteAsync(Rows.Step(writes)));
        refused.Failure.ShouldBe(failure, refused.Message);
        return refused;
    }
}

internal sealed class InMemoryUnderTest : StoreUnderTest
{
    private readonly InMemoryStore _store = new();

    public override IBatchExecutor Executor => _store;

    public override IStateReader Reader => _store;

    public override IQueries Queries => _store;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class PostgresUnderTest : StoreUnderTest
{
    private PostgresUnderTest(TestDatabase database, PostgresConnections connections, HostFence fence)
    {
        Database = database;
        Connections = connections;
        Fence = fence;
        Executor = new PostgresBatchExecutor(connections, fence.Epoch);
        Reader = new PostgresStateReader(connections);
        Queries = new PostgresQueries(connections);
    }

    public TestDatabase Database { get; }

    public PostgresConnections Connections { get; }

    public HostFence Fence { get; }

    public override IBatchExecutor Executor { get; }

    public override IStateReader Reader { get; }

    public override IQueries Queries { get; }

    public static Task<TestDatabase> CreateDatabaseAsync() => TestPostgres.CreateDatabaseAsync(
        "store", connection => new Migrator().MigrateAsync(connection, null, CancellationToken.None));

    public static async Task<PostgresUnderTest> StartAsync()
    {
        var database = await CreateDatabaseAsync();
        var connections = new PostgresConnections(database.ConnectionString, "host-" + database.Name);
        var fence = await HostFence.AcquireAsync(connections, new HostOptions(), TimeProvider.System, CancellationToken.None);
        return new PostgresUnderTest(database, connections, fence);
    }

    public override async ValueTask DisposeAsync()
    {
        await Fence.DisposeAsync();
        await Connections.DisposeAsync();
        await Database.DisposeAsync();
    }
}
