using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Unit.Scheduling.Coordinators;

/// <summary>A run belongs to whoever made it, whatever others call theirs; and an end is told once.</summary>
public sealed class TriggerTests : IAsyncDisposable
{
    private static readonly RunId s_run = new("manual-1");
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(1));
    private readonly Installation _flow = new(new TaskSpec { Id = new TaskId("work"), Action = new NoopAction() });

    private IDag Dag => _flow.Peers.Dag(Installation.Dag);

    private CancellationToken Patience => _patience.Token;

    public async ValueTask DisposeAsync()
    {
        await _flow.DisposeAsync();
        _patience.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OneIdAtOnce_MakesOneRun_AndTheOthersAreToldSo(bool withRequests)
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Dag.TriggerAsync(Asked(withRequests ? $"request-{i}" : null), Patience)));
        answers.Count(answer => answer.Run == s_run).ShouldBe(1);
        answers.Count(answer => answer is { Run: null, Exists: true, Problem: not null }).ShouldBe(19);
        (await Dag.TriggerAsync(Asked("later"), Patience)).Exists.ShouldBeTrue();
        await _flow.RunAsync(s_run, RunState.Success);
        (await Dag.TriggerAsync(Asked("when it is over"), Patience)).Exists.ShouldBeTrue();
        _flow.Defects.ShouldBeEmpty();
    }

    [Fact]
    public async Task TheIdOfARunThatThisHostHasForgotten_IsTaken()
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        await Dag.TriggerAsync(Asked("first"), Patience);
        await _flow.RunAsync(s_run, RunState.Success);
        await _flow.RestartAsync();
        var others = Dag.TriggerAsync(new TriggerRun { Run = new RunId("manual-2") }, Patience);
        (await Dag.TriggerAsync(Asked("second"), Patience)).ShouldSatisfyAllConditions(
            answer => answer.Run.ShouldBeNull(), answer => answer.Exists.ShouldBeTrue());
        (await others).Run.ShouldBe(new RunId("manual-2"));
        (await Dag.TriggerAsync(Asked("first"), Patience)).Run.ShouldBe(s_run);
        _flow.Defects.ShouldBeEmpty();
    }

    [Fact]
    public async Task ATriggerWhoseOutcomeWasUnknown_KnowsItsOwnRun_AndNobodyElseGetsIt()
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        var lost = 0;
        _flow.LosesAnswerOf = step => step.Writes.OfType<PutRun>().Any(put => put.Row.Id == s_run && put.Expected == 0) && lost++ == 0;
        var answers = await Task.WhenAll(Dag.TriggerAsync(Asked(null), Patience), Dag.TriggerAsync(Asked(null), Patience));
        lost.ShouldBe(1);
        answers[0].ShouldBe(new RunTriggered(s_run, null));
        answers[1].Exists.ShouldBeTrue();
        _flow.Defects.ShouldBeEmpty();
    }

    [Fact]
    public async Task AnEndThatTheDagHasHeard_IsNotToldAgain_WhenLateWordOfATaskComes()
    {
        await Dag.ApplyAsync(Installation.Version, Patience);
        await Dag.TriggerAsync(Asked(null), Patience);
        await _flow.RunAsync(s_run, RunState.Success);
        while ((await _flow.Store.ReadRunAsync(s_run, Patience))!.Unreported) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Patience);
        var task = (await _flow.Store.ReadTaskAsync(new TaskKey(s_run, new TaskId("work")), Patience))!;
        var before = _flow.Committed.Count;
        await _flow.Peers.Run(s_run).TaskFinishedAsync(new TaskFinished(task.Key, task.State, task.Epoch, task.Version + 1), Patience);
        Step[] late;
        lock (_flow.Committed) late = [.. _flow.Committed.Skip(before)];
        late.SelectMany(step => step.Writes).OfType<PutRun>().ShouldHaveSingleItem().Row.Unreported.ShouldBeFalse();
    }

    private static TriggerRun Asked(string? request) => new() { Run = s_run, By = new Origin(RequestId: request) };
}
