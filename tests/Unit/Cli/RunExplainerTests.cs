using OrleansFlow.Cli.Explaining;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Tests.Unit.Cli.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>Why a whole run is as it is.</summary>
public sealed class RunExplainerTests
{
    private readonly FakeEngines _world = Sample.World();

    [Fact]
    public async Task TheTaskThatSaysMore_IsTheOneThatWaitsForThePool_AndNoneThatWaitsForIt()
    {
        var why = await ExplainAsync(("a-report", TaskState.None, TaskReason.Dependencies), ("z-train", TaskState.Scheduled, TaskReason.PoolFull));

        why.Advice.ShouldBe($"flow why {Sample.Live} z-train says more");
        why.Facts.ShouldBe(["z-train is scheduled (pool_full)", "a-report is none (dependencies)"]);
    }

    [Fact]
    public async Task TheTaskThatSaysMore_IsTheOneThatIsHeldUp_EvenWhileOthersRun()
    {
        var why = await ExplainAsync(("a", TaskState.Running, TaskReason.Executing), ("b", TaskState.UpForRetry, TaskReason.Backoff));

        why.Advice.ShouldBe($"flow why {Sample.Live} b says more");
        why.Facts[0].ShouldBe("a is running (executing)");
    }

    [Fact]
    public async Task OneTask_IsSpokenOfInTheSingular()
    {
        var why = await ExplainAsync(("a", TaskState.Running, TaskReason.Executing));

        why.Summary.ShouldBe("1 task of it has not ended yet");
        why.Advice.ShouldBe($"flow why {Sample.Live} a says more");
    }

    private Task<OrleansFlow.Scheduling.Explaining.Explanation> ExplainAsync(params (string Task, TaskState State, TaskReason Reason)[] tasks)
    {
        var run = Sample.Run(Sample.Live, "hash", RunState.Running, Sample.Start);
        var detail = new RunDetail(run, [.. tasks.Select(t => Sample.Task(Sample.Key(Sample.Live, t.Task), t.State, t.Reason))], [], []);
        return RunExplainer.ExplainAsync(words => $"flow {words}", _world, detail, CancellationToken.None);
    }
}
