using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Behaviour;

/// <summary>Hosts that take turns on one database.</summary>
public sealed class EmbeddedReplicas : IAsyncLifetime
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
        var (one, two) = (await StartAsync("one"), await StartAsync("two"));

        await WatchedElsewhere.ShouldBeSeenAsync([one.Server, two.Server]);
    }

    [Fact]
    public async Task HowFarATaskIs_IsSeen_AtTheHostThatStandsBy()
    {
        var (one, two) = (await StartAsync("one"), await StartAsync("two"));

        await WatchedElsewhere.ShouldSeeProgressAsync([one.Server, two.Server]);
    }

    [Fact]
    public async Task AHost_SaysWhatItHasInMemory_AndThatItIsToldToLeave()
    {
        var (one, two) = (await StartAsync("one"), await StartAsync("two"));
        await WatchedElsewhere.StartAsync(two.Server, "dag: long\ntasks: { wait: { script: sleep 600 } }\n", "dags/long");

        await ListedAsync(
            two.Host,
            hosts => hosts.SingleOrDefault(host => host.IsInCharge)?.Live is { Runs: 1, Tasks: 1 }
                && hosts.Single(host => !host.IsInCharge).Live == new LiveCoordinators(0, 0, 0, 0));
        one.Host.TakeNotice("SIGTERM");

        await ListedAsync(two.Host, hosts => hosts.Select(host => host.Notice).Order().SequenceEqual([null, "SIGTERM"]));
        var leaving = (await two.Host.ListHostsAsync(default)).Single(host => host.Notice is not null);
        leaving.State.ShouldBe(HostState.Leaving);
        leaving.NoticedAt.ShouldNotBeNull();
    }

    private static async Task ListedAsync(EmbeddedHost host, Func<IReadOnlyList<RegisteredHost>, bool> isSo)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isSo(await host.ListHostsAsync(ceiling.Token))) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ceiling.Token);
    }

    private async Task<(EmbeddedHost Host, FlowServer Server)> StartAsync(string name)
    {
        var folder = $"/tmp/of-watching-{Guid.NewGuid().ToString("N")[..8]}-{name}";
        _folders.Add(folder);
        var options = new FlowHostOptions { DataFolder = folder, ConnectionString = _database.ConnectionString, StandBy = true, SharedFolder = Path.Combine(_folders[0], "shared") };
        var host = await EmbeddedHost.StartAsync(options, null, default);
        _owned.Add(host);
        var server = await FlowServer.StartAsync(host, WatchedElsewhere.Serve, default);
        _owned.Add(server);
        return (host, server);
    }
}
