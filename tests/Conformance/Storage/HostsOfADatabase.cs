using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>A database of a test's own, and the hosts that work on it: what a test makes last is disposed first.</summary>
public abstract class HostsOfADatabase : IAsyncLifetime
{
    /// <summary>A host that never renews by itself, for as long as a test takes.</summary>
    protected static readonly HostOptions Still = new() { Lease = TimeSpan.FromHours(2), RenewEvery = TimeSpan.FromHours(1) };

    /// <summary>A host that renews all the time.</summary>
    protected static readonly HostOptions Eager = new() { RenewEvery = TimeSpan.FromMilliseconds(20) };

    /// <summary>Longer than anything takes.</summary>
    protected static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    private readonly List<IAsyncDisposable> _owned = [];
    private TestDatabase _database = null!;

    protected string ConnectionString => _database.ConnectionString;

    public async Task InitializeAsync() => _database = await PostgresUnderTest.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) await _owned[i].DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>The id of a host. Other tests have hosts on the same server, and connections are ended by this name.</summary>
    protected string Name(string id) => $"{id}-{_database.Name}";

    /// <summary>The connections of a host.</summary>
    protected PostgresConnections Connect(string id) => Own(new PostgresConnections(ConnectionString, Name(id)));

    /// <summary>Disposes it in the end.</summary>
    protected T Own<T>(T part) where T : IAsyncDisposable
    {
        _owned.Add(part);
        return part;
    }

    protected Task ExecuteAsync(string sql) => Database.ExecuteAsync(ConnectionString, sql);
}
