using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Grains.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.Conformance.Behaviour;

namespace OrleansFlow.Tests.Cluster.Grains;

public class CoordinatorGrainTests
{
    private const string Deep =
        """
        tasks:
          first: { command: [ok] }
          a: { needs: [first], map: { over: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24] }, command: [until, "2"], retries: 1, retry_delay: 20ms }
          b: { needs: [a], map: { over: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24] }, command: [ok] }
          c: { needs: [b], map: { over: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24] }, command: [ok] }
          last: { needs: [c], command: [ok] }
        """;

    [Fact]
    public Task WideRuns_AllAtOnce_EndWithoutWaitingForEachOther() => LiveAsync(new TestSilos { Count = 3 }, async silos =>
    {
        var scene = await Scene.ApplyAsync(silos, "wide", "max_active_runs: 100\n" + Deep);
        var runs = await TriggerAsync(scene, 10);
        foreach (var run in runs) (await scene.EndAsync(run)).Run.State.ShouldBe(RunState.Success);
        await ShouldHaveHappenedOnceAsync(silos, runs);
        silos.Store.Conflicts.ShouldBe(0);
    });

    [Fact]
    public Task Activations_ThatGoInMidRun_LoseNothing() => LiveAsync(new TestSilos(), async silos =>
    {
        var scene = await Scene.ApplyAsync(silos, "going", "max_active_runs: 100\n" + Deep);
        var runs = await TriggerAsync(scene, 4);
        var ends = Task.WhenAll(runs.Select(scene.EndAsync));
        while (!ends.IsCompleted) await silos.DeactivateAllAsync();
        (await ends).ShouldAllBe(end => end.Run.State == RunState.Success);
        await ShouldHaveHappenedOnceAsync(silos, runs);
    });

    [Fact]
    public Task ASiloThatLeaves_HandsItsRunsOver() => LiveAsync(new TestSilos { Count = 3 }, async silos =>
    {
        var scene = await Scene.ApplyAsync(silos, "leaving", "max_active_runs: 100\n" + Deep);
        var runs = await TriggerAsync(scene, 6);
        await silos.Cluster.StopSiloAsync(silos.Cluster.Silos[^1]);
        await silos.EngineOf(0).RecoverAsync(default);
        foreach (var run in runs) (await scene.EndAsync(run)).Run.State.ShouldBe(RunState.Success);
        await ShouldHaveHappenedOnceAsync(silos, runs);
    });

    [Fact]
    public Task TwoActivationsOfEverything_ConflictInTheStore_AndNothingHappensTwice() => LiveAsync(SplitBrain.Silos(), async silos =>
    {
        var scene = await Scene.ApplyAsync(silos, "split", "max_active_runs: 100\n" + Deep);
        var runs = await TriggerAsync(scene, 4);
        foreach (var run in runs) (await scene.EndAsync(run)).Run.State.ShouldBe(RunState.Success);
        await ShouldHaveHappenedOnceAsync(silos, runs);
        silos.Store.Conflicts.ShouldBeGreaterThan(0);
    });

    [Fact]
    public async Task ReportsThatComeTogether_AreActedOnTogether()
    {
        const int tasks = 20;
        var store = new WatchedStore();
        var (reader, gate) = Gate.Before<IStateReader>(store.Rows, nameof(IStateReader.ReadTasksAsync));
        var calls = new CallCount("TaskFinishedAsync");
        var silos = new TestSilos { Store = store, Reader = reader }.With((_, silo) => silo.AddIncomingGrainCallFilter(calls));
        await LiveAsync(silos, async _ =>
        {
            var scene = await Scene.ApplyAsync(silos, "together",
                $$"""
                tasks:
                  a: { map: { over: [{{string.Join(", ", Enumerable.Range(0, tasks))}}] }, command: [wait] }
                """);
            var run = await scene.TriggerAsync();
            await scene.UntilAsync(run, detail => detail.Tasks.Count(task => task.State == TaskState.Running) == tasks);

            // The run's next activation cannot load: what is reported meanwhile waits in its inbox.
            gate.Close();
            await silos.DeactivateAllAsync();
            for (var i = 0; i < tasks; i++) scene.Backend.Finish(Scene.Task(run, "a", i));
            await calls.ReachedAsync(tasks);
            gate.Open();
            await scene.EndAsync(run);
            store.Committed.Count(step => step.Writes.OfType<AcknowledgeTask>().Any()).ShouldBeLessThan(4);
        });
    }

    [Fact]
    public async Task ACommandThatTimedOut_AndThatNobodyWaitsFor_IsNotDoneLater()
    {
        var store = new WatchedStore();
        var (reader, gate) = Gate.Before<IStateReader>(store.Rows, nameof(IStateReader.ReadRequestsAsync));
        var asked = new GivenUp("TriggerAsync");
        var silos = new TestSilos { Store = store, Reader = reader }.With((_, silo) => silo
            .AddIncomingGrainCallFilter(asked)
            .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(1)));
        await LiveAsync(silos, async _ =>
        {
            var scene = await Scene.ApplyAsync(silos, "timed-out", "tasks: { a: { command: [ok] } }");
            var hasty = new GrainPeers(silos.ServicesOf(1).GetRequiredService<IGrainFactory>(), TimeProvider.System, TimeSpan.FromSeconds(2));
            var given = new RunId("given-up");

            // The store does not answer.
            gate.Close();
            await Should.ThrowAsync<PeerUnavailableException>(hasty.Dag(scene.Dag).TriggerAsync(new TriggerRun { Run = given }, default));
            await asked.AllAsync();
            gate.Open();

            (await scene.EndAsync(await scene.TriggerAsync())).Run.State.ShouldBe(RunState.Success);
            (await silos.Queries.GetRunAsync(given, default)).ShouldBeNull();
        });
    }

    [Fact]
    public Task FinishedRuns_LeaveNoActivationBehind() => LiveAsync(new TestSilos(), async silos =>
    {
        var scene = await Scene.ApplyAsync(silos, "ended", Deep);
        await scene.EndAsync(await scene.TriggerAsync());
        await silos.UntilGoneAsync(GrainNames.Task, GrainNames.Run);
    });

    private static async Task LiveAsync(TestSilos silos, Func<TestSilos, Task> test)
    {
        await silos.InitializeAsync();
        try
        {
            await test(silos);
            silos.Defects.ShouldBeEmpty();
        }
        finally
        {
            await silos.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<RunId>> TriggerAsync(Scene scene, int count)
    {
        var runs = new List<RunId>();
        for (var i = 0; i < count; i++) runs.Add(await scene.TriggerAsync());
        return runs;
    }

    // No attempt was launched twice, none was made that nobody needed, and what was taken of limits was given back.
    private static async Task ShouldHaveHappenedOnceAsync(TestSilos silos, IReadOnlyList<RunId> runs)
    {
        var launched = silos.Backend.Launched;
        launched.Distinct().Count().ShouldBe(launched.Count);
        foreach (var run in runs)
        {
            var detail = (await silos.Queries.GetRunAsync(run, default))!;
            detail.Attempts.Count.ShouldBe(1 + 2 * 25 + 25 + 25 + 1);
            detail.Attempts.Count(attempt => attempt.State == AttemptState.Failed).ShouldBe(25);
            detail.Tasks.ShouldAllBe(task => task.State == TaskState.Success);
        }

        (await silos.Store.Rows.ReadLimitDriftAsync(default)).ShouldBeEmpty();
    }
}
