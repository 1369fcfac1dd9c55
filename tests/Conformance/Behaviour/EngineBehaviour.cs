using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Storage.InMemory;

namespace OrleansFlow.Tests.Conformance.Behaviour;

public sealed class EngineBehaviour(EngineHost host) : SchedulingBehaviour(host), IClassFixture<EngineHost>;

/// <summary>An engine with the mailboxes of the embedded host, on the model of the store.</summary>
public sealed class EngineHost : SchedulingHost
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly InMemoryStore _store = new();
    private Engine _engine = null!;
    private Task _running = Task.CompletedTask;

    public override IPeers Peers => _engine.Peers;

    public override IQueries Queries => _store;

    public override ScriptedBackend Backend { get; } = new(TimeProvider.System);

    public override Task InitializeAsync()
    {
        var parts = new EngineParts
        {
            Executor = _store,
            Reader = _store,
            Backend = Backend,
            Artifacts = Told,
            Mailboxes = new Mailboxes(),
            Compile = Compile,
            Time = TimeProvider.System,
            NewGuid = Guid.NewGuid,
            Observer = Told,
        };
        _engine = new Engine(parts, _stopping.Token);
        _running = _engine.RunAsync();
        return _engine.Recovered;
    }

    public override async Task DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ContinueWith(_ => { }, TaskScheduler.Default);
        _engine.Dispose();
        _stopping.Dispose();
    }
}
