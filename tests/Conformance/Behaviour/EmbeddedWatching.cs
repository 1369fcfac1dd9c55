using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Behaviour;

public sealed class EmbeddedWatching : IAsyncLifetime
{
    private readonly List<string> _folders = [];
    private readonly List<IAsyncDisposable> _owned = [];
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestPostgres.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) await _owned[i].DisposeAsync();
        await _database.DisposeAsync();
        foreach (var folder in _folders) Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task WhoWatches_AtTheHostThatStandsBy_HearsOfEveryChange()
    {
        var servers = new List<FlowServer> { await StartAsync("one"), await StartAsync("two") };

        await WatchedElsewhere.ShouldBeSeenAsync(servers);
    }

    private async Task<FlowServer> StartAsync(string name)
    {
        var folder = $"/tmp/of-watching-{Guid.NewGuid().ToString("N")[..8]}-{name}";
        _folders.Add(folder);
        var options = new FlowHostOptions { DataFolder = folder, ConnectionString = _database.ConnectionString, StandBy = true, SharedFolder = Path.Combine(_folders[0], "shared") };
        var host = await EmbeddedHost.StartAsync(options, null, default);
        _owned.Add(host);
        var server = await FlowServer.StartAsync(host, WatchedElsewhere.Serve, default);
        _owned.Add(server);
        return server;
    }
}
