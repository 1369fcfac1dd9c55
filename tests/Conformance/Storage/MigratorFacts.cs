using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Migrations;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Storage;

public class MigratorFacts : IAsyncLifetime
{
    private static readonly Migration[] s_two =
        [new(1, "first", "CREATE TABLE one (n int); INSERT INTO one VALUES (1);"), new(2, "second", "ALTER TABLE one ADD COLUMN m int;")];

    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestPostgres.CreateDatabaseAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Migrations_AreAppliedOnce_AndTold()
    {
        var told = new List<string>();
        (await MigrateAsync(s_two[..1], migration => told.Add(migration.Name))).ShouldBe(1);
        (await MigrateAsync(s_two, migration => told.Add(migration.Name))).ShouldBe(1);
        (await MigrateAsync(s_two, migration => told.Add(migration.Name))).ShouldBe(0);
        told.ShouldBe(["first", "second"]);
        (await Database.ScalarAsync<long>(_database.ConnectionString, "SELECT count(*) FROM one")).ShouldBe(1);
    }

    [Fact]
    public async Task HostsThatMigrateAtOnce_WaitForOneAnother()
    {
        var applied = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => new Migrator().MigrateAsync(_database.ConnectionString, null, CancellationToken.None)));
        applied.Sum().ShouldBe(Migration.Embedded.Count);
    }

    [Fact]
    public async Task ANewerDatabase_IsRefused()
    {
        await MigrateAsync(s_two);
        (await Should.ThrowAsync<MigrationException>(MigrateAsync(s_two[..1]))).Message
            .ShouldStartWith("The database is newer than this program: it has migration 0002_second");
    }

    [Fact]
    public async Task AnEditedMigration_IsRefused()
    {
        await MigrateAsync(s_two);
        var edited = new Migration(1, "first", "CREATE TABLE one (n bigint);");
        (await Should.ThrowAsync<MigrationException>(MigrateAsync([edited, s_two[1]]))).Message
            .ShouldStartWith("Migration 0001_first of the database differs");
    }

    [Fact]
    public async Task AMigrationThatFails_LeavesNothing_AndThoseBeforeItStay()
    {
        var broken = new Migration(2, "broken", "CREATE TABLE two (n int); SELECT 1/0;");
        (await Should.ThrowAsync<MigrationException>(MigrateAsync([s_two[0], broken]))).Message
            .ShouldBe("Migration 0002_broken failed, and nothing of it was applied: division by zero");
        (await Database.ScalarAsync<bool>(_database.ConnectionString, "SELECT to_regclass('two') IS NULL")).ShouldBeTrue();
        (await MigrateAsync(s_two)).ShouldBe(1);
    }

    [Fact]
    public async Task AServerThatIsNotThere_IsUnavailable() =>
        (await Should.ThrowAsync<StoreException>(
            new Migrator().MigrateAsync("Host=/tmp/no-such-folder;Username=flow;Database=flow", null, CancellationToken.None)))
        .Failure.ShouldBe(StoreFailure.Unavailable);

    private Task<int> MigrateAsync(Migration[] migrations, Action<Migration>? progress = null) =>
        new Migrator(migrations).MigrateAsync(_database.ConnectionString, progress, CancellationToken.None);
}
