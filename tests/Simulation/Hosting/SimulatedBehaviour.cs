using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Conformance.Behaviour;
using OrleansFlow.Tests.Simulation.Time;

namespace OrleansFlow.Tests.Simulation.Hosting;

public sealed class SimulatedBehaviour(SimSchedulingHost host) : SchedulingBehaviour(host), IClassFixture<SimSchedulingHost>;

/// <summary>An engine as the simulation has it, without faults: one thread, and time that jumps. Each test has a world of its own.</summary>
public sealed class SimSchedulingHost : SchedulingHost
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private World _world = null!;

    public override IPeers Peers => _world.Engine.Peers;

    public override IQueries Queries => _world.Store;

    public override ScriptedBackend Backend => _world.Backend;

    public override TimeProvider Time => _world.Clock;

    public override Task LiveAsync(Func<Task> test)
    {
        // A thread of its own, where nothing but the simulation says what runs next.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                Live(test);
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        }).Start();
        return ended.Task;
    }

    public override Task InitializeAsync() => Task.CompletedTask;

    public override Task DisposeAsync() => Task.CompletedTask;

    private void Live(Func<Task> test)
    {
        using var stopping = new CancellationTokenSource();
        var scheduler = new SimScheduler(seed: 1, s_start);
        var clock = new SimClock(scheduler);
        var (store, backend) = (new InMemoryStore(), new ScriptedBackend(clock));
        var parts = new EngineParts
        {
            Executor = store,
            Reader = store,
            Backend = backend,
            Artifacts = Told,
            Mailboxes = new SimMailboxes(scheduler),
            Compile = Compile,
            Time = clock,
            NewGuid = Guid.NewGuid,
            Observer = Told,
        };
        using var engine = new Engine(parts, stopping.Token);
        _world = new World(engine, store, backend, clock);
        scheduler.Run(
            async () =>
            {
                _ = engine.RunAsync();
                await engine.Recovered;
                await test();
            },
            () => false);
    }

    private sealed record World(Engine Engine, InMemoryStore Store, ScriptedBackend Backend, SimClock Clock);
}
