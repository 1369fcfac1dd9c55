using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Behaviour;

public sealed class EmbeddedBehaviour(EmbeddedSchedulingHost host) : SchedulingBehaviour(host), IClassFixture<EmbeddedSchedulingHost>;

/// <summary>The embedded host, on PostgreSQL.</summary>
public sealed class EmbeddedSchedulingHost : SchedulingHost
{
    private readonly string _folder = Path.Combine("/tmp", "of-behaviour-" + Guid.NewGuid().ToString("N")[..8]);
    private TestDatabase _database = null!;
    private EmbeddedHost _host = null!;

    public override IPeers Peers => _host.Peers;

    public override IQueries Queries => _host.Queries;

    public override ScriptedBackend Backend { get; } = new(TimeProvider.System);

    public override IReadOnlyList<string> Defects =>
        [.. File.ReadLines(Path.Combine(_folder, "logs", "host.log")).Where(line => line.Contains(" defect ", StringComparison.Ordinal) || line.Contains(" illegal ", StringComparison.Ordinal))];

    public override async Task InitializeAsync()
    {
        _database = await TestPostgres.CreateDatabaseAsync();
        var options = new FlowHostOptions { DataFolder = _folder, ConnectionString = _database.ConnectionString };
        _host = await EmbeddedHost.StartAsync(options, Backend, null, default);
    }

    public override async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
