using OrleansFlow.Domain.Tasks;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.Conformance.Behaviour;
using Xunit.Abstractions;

namespace OrleansFlow.Tests.Cluster.Grains;

[Collection(Alone.Name)]
public class IdleGrainTests(ITestOutputHelper output)
{
    [Fact]
    public async Task ATaskThatRuns_AndHasNothingToSay_CostsLittleMemory()
    {
        const int tasks = 5000;
        const int ceiling = 8 * 1024;
        var silos = new TestSilos { Count = 1 };
        await silos.InitializeAsync();
        try
        {
            await silos.Peers.Pool("default").SetSlotsAsync(new(tasks), default);
            var scene = await Scene.ApplyAsync(silos, "idle",
                $$"""
                tasks:
                  a: { map: { over: [{{string.Join(", ", Enumerable.Range(0, tasks))}}] }, max_map_length: {{tasks}}, command: [wait] }
                """);
            var run = await scene.TriggerAsync();
            await scene.UntilAsync(run, detail => detail.Tasks.Count(task => task.State == TaskState.Running) == tasks);
            (await silos.ActivationsAsync(GrainNames.Task)).Count.ShouldBe(tasks);

            // The rows are the store's too, and stay.
            var with = GC.GetTotalMemory(forceFullCollection: true);
            await silos.DeactivateAllAsync(GrainNames.Task);
            await silos.UntilGoneAsync(GrainNames.Task);
            var bytes = (with - GC.GetTotalMemory(forceFullCollection: true)) / tasks;
            output.WriteLine($"{bytes} bytes for each of {tasks} task instances");
            bytes.ShouldBeLessThan(ceiling);
        }
        finally
        {
            await silos.DisposeAsync();
        }
    }
}
