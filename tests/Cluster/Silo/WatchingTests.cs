using OrleansFlow.Silo.Hosting;
using OrleansFlow.Silo.Settings;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Tests.Conformance.Behaviour;
using OrleansFlow.Tests.EndToEnd.Harness;
using OrleansFlow.Tests.EndToEnd.Replicas;

namespace OrleansFlow.Tests.Cluster.Silo;

/// <summary>What those see who watch a run at any silo of a cluster.</summary>
public sealed class WatchingTests : IAsyncLifetime
{
    private readonly List<Installation> _folders = [];
    private readonly List<IAsyncDisposable> _owned = [];
    private Replicas _postgres = null!;

    public async Task InitializeAsync() => _postgres = await Replicas.StartAsync();

    public async Task DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) await _owned[i].DisposeAsync();
        foreach (var folder in _folders) await folder.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task WhoWatches_AtAnotherSiloThanTheRuns_HearsOfEveryChange()
    {
        var servers = new List<FlowServer> { await StartAsync(), await StartAsync() };

        await WatchedElsewhere.ShouldBeSeenAsync(servers);
    }

    [Fact]
    public async Task HowFarATaskIs_IsSeen_AtEverySilo()
    {
        var servers = new List<FlowServer> { await StartAsync(), await StartAsync() };

        await WatchedElsewhere.ShouldSeeProgressAsync(servers);
    }

    private async Task<FlowServer> StartAsync()
    {
        var folder = new Installation();
        _folders.Add(folder);
        string[] arguments =
        [
            "--data-dir", folder.Data, "--connection-string", _postgres.Database, "--shared-dir", Path.Combine(_postgres.Home.Root, "shared"), "--silo-port", $"{Ports.Free()}",
        ];
        var host = await ClusterHost.StartAsync(SiloSettings.Read(arguments, []), default);
        _owned.Add(host);
        var server = await FlowServer.StartAsync(host, WatchedElsewhere.Serve, default);
        _owned.Add(server);
        return server;
    }
}
