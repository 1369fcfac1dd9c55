using System.Net;
using Orleans.Runtime;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Grains.Placement;
using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.Conformance.Behaviour;

namespace OrleansFlow.Tests.Cluster.Grains.Placement;

public class RunPlacementTests
{
    private static readonly SiloAddress[] s_silos =
        [.. Enumerable.Range(0, 5).Select(i => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11111 + i), 7 * i + 1))];

    private static readonly string[] s_runs = [.. Enumerable.Range(0, 5000).Select(i => $"scheduled-20260101T{i:000000}Z-abcde")];

    [Fact]
    public void Keys_NameTheirTask_AndItsRun()
    {
        TaskKey[] tasks = [new(new RunId("manual-1"), new TaskId("group.a")), new(new RunId("manual-1"), new TaskId("a"), 12)];
        foreach (var task in tasks)
        {
            GrainKeys.TaskOf(GrainKeys.Of(task)).ShouldBe(task);
            GrainKeys.RunOf(GrainKeys.Of(task)).ToString().ShouldBe("manual-1");
        }
    }

    [Fact]
    public void Runs_AreSpreadEvenly()
    {
        var shares = s_runs.CountBy(run => RunPlacementDirector.Choose(s_silos, run)).Select(share => share.Value).ToArray();
        shares.Length.ShouldBe(s_silos.Length);
        shares.ShouldAllBe(share => share > 850 && share < 1150);
    }

    [Fact]
    public void TheOrderOfSilos_IsOfNoAccount() =>
        s_runs.Where(run => !RunPlacementDirector.Choose(s_silos, run).Equals(RunPlacementDirector.Choose([.. s_silos.Reverse()], run))).ShouldBeEmpty();

    [Fact]
    public void ALostSilo_MovesOnlyItsOwnRuns() =>
        s_runs.Where(run => RunPlacementDirector.Choose(s_silos, run) is var before && !before.Equals(s_silos[2])
            && !before.Equals(RunPlacementDirector.Choose([.. s_silos.Where(silo => !silo.Equals(s_silos[2]))], run))).ShouldBeEmpty();

    [Theory]
    [InlineData(30, 1)]
    [InlineData(1200, 2)]
    public async Task TasksOfARun_LiveTogether_UnlessTheyAreTooMany(int tasks, int hosts)
    {
        var silos = new TestSilos();
        await silos.InitializeAsync();
        try
        {
            await silos.Peers.Pool("default").SetSlotsAsync(new(100_000), default);
            var scene = await Scene.ApplyAsync(silos, "placed",
                $$"""
                tasks:
                  a: { map: { over: [{{string.Join(", ", Enumerable.Range(0, tasks))}}] }, max_map_length: 2000, command: [wait] }
                """);
            var run = await scene.TriggerAsync();
            await scene.UntilAsync(run, detail => detail.Tasks.Count(task => task.State == OrleansFlow.Domain.Tasks.TaskState.Running) == tasks);
            var grains = await silos.ActivationsAsync(GrainNames.Task);
            grains.Count.ShouldBe(tasks);
            grains.Select(grain => grain.SiloAddress).Distinct().Count().ShouldBe(hosts);
            for (var i = 0; i < tasks; i++) scene.Backend.Finish(Scene.Task(run, "a", i));
            await scene.EndAsync(run);
        }
        finally
        {
            await silos.DisposeAsync();
        }
    }
}
