using OrleansFlow.Cli;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Tests.Unit.Cli.Fakes;
using OrleansFlow.Tests.Unit.Client.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary><c>flow runs watch</c>: who hosts the engine meanwhile.</summary>
public sealed class WatchTests
{
    private readonly FakeEngines _world = Sample.World();
    private readonly CommandLine _call;

    public WatchTests() => _call = new CommandLine(_world);

    [Fact]
    public async Task AFinishedRun_IsTold_WithoutHosting()
    {
        (await _call.InvokeAsync("runs", "watch", Sample.Bad.Value)).ShouldBe(ExitCode.RunFailed);

        _world.Asked.ShouldBe(["read"]);
    }

    [Fact]
    public async Task ARunThatNobodyHosts_GoesOnHere()
    {
        Skip(3);
        _world.Next.Enqueue(End);

        (await _call.InvokeAsync("runs", "watch", "@latest")).ShouldBe(ExitCode.Success);

        _world.Asked.ShouldBe(["read", "host"]);
        _call.Error.ToString().ShouldContain($"this process hosts the engine now; run {Sample.Live} goes on");
    }

    [Fact]
    public async Task ARunOfAnotherHost_IsOnlyFollowed()
    {
        _world.OtherHost = 4711;
        Skip(4);
        _world.Next.Enqueue(End);

        (await _call.InvokeAsync("runs", "watch", "@latest")).ShouldBe(ExitCode.Success);

        _world.Asked.ShouldBe(["read"]);
        _call.Error.ToString().ShouldContain($"process 4711 hosts the engine; following run {Sample.Live}");
    }

    [Fact]
    public async Task WhilePostgresIsAway_ItIsSaidOnce_AndWaitedFor()
    {
        _world.OtherHost = 4711;
        Skip(4);
        for (var i = 0; i < 3; i++) _world.Next.Enqueue(_ => throw new StoreException(StoreFailure.Unavailable, "PostgreSQL is gone."));
        _world.Next.Enqueue(End);

        (await _call.InvokeAsync("runs", "watch", "@latest")).ShouldBe(ExitCode.Success);

        var lines = _call.Error.ToString().Split('\n');
        lines.Count(line => line.Contains("PostgreSQL is gone; waiting until it is back", StringComparison.Ordinal)).ShouldBe(1);
        lines.Count(line => line.Contains("PostgreSQL is back", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task WhenTheOtherHostDies_ThisProcessTakesOver()
    {
        _world.OtherHost = 4711;
        Skip(2);
        _world.Next.Enqueue(w => w.OtherHost = null);
        Skip(2);
        _world.Next.Enqueue(End);

        (await _call.InvokeAsync("runs", "watch", "@latest")).ShouldBe(ExitCode.Success);

        _world.Asked.ShouldBe(["read", "host"]);
    }

    [Fact]
    public async Task CtrlC_EndsTheWatching_NotTheRun()
    {
        Skip(3);
        _world.Next.Enqueue(_ => _call.Interrupts.Raise());

        (await _call.InvokeAsync("runs", "watch", "@latest")).ShouldBe(ExitCode.Interrupted);

        _world.Asked.ShouldBe(["read", "host"]);
        _call.Error.ToString().ShouldContain($"leaving run {Sample.Live} as it is");
    }

    [Fact]
    public async Task ARunOfAPausedDag_IsNotHosted_AndItIsSaidHowToGoOn()
    {
        Queue(paused: true);

        (await _call.InvokeAsync("runs", "watch", "@latest")).ShouldBe(ExitCode.Unavailable);

        _world.Asked.ShouldBe(["read"]);
        _call.Error.ToString().ShouldContain($"run {Sample.Live} stays in the queue while DAG credit is paused");
        _call.Error.ToString().ShouldNotContain("waits in the queue", Case.Sensitive, "it was refused before anybody waited");
        _call.Error.ToString().ShouldContain($"flow dags unpause credit, then flow runs watch {Sample.Live}");
    }

    [Fact]
    public async Task ARunOfAPausedDag_ThatAnotherHosts_IsFollowed_AndItIsSaidWhatItWaitsFor()
    {
        _world.OtherHost = 4711;
        Queue(paused: true);
        _world.Next.Enqueue(EndOnceTold);

        (await _call.InvokeAsync("runs", "watch", "@latest").WaitAsync(FakeServer.Ceiling)).ShouldBe(ExitCode.Success);

        void EndOnceTold(FakeEngines world)
        {
            var told = _call.Error.ToString().Contains($"run {Sample.Live} waits in the queue: DAG credit is paused", StringComparison.Ordinal);
            world.Next.Enqueue(told ? End : EndOnceTold);
        }
    }

    [Fact]
    public async Task Why_OfARunInTheQueue_NamesThePausedDag_ForTheRunAndForItsTasks()
    {
        Queue(paused: true);

        (await _call.InvokeAsync("why", "@latest")).ShouldBe(ExitCode.Success);
        (await _call.InvokeAsync("why", "@latest", "train")).ShouldBe(ExitCode.Success);
        (await _call.InvokeAsync("why", "@latest", "nothing")).ShouldBe(ExitCode.Invalid);

        _call.Out.ToString().ShouldContain($"run {Sample.Live}: its run waits in the queue: DAG credit is paused");
        _call.Out.ToString().ShouldContain("train: its run waits in the queue: DAG credit is paused");
        _call.Out.ToString().ShouldContain("what to do: flow dags unpause credit");
    }

    [Fact]
    public async Task Why_OfARunHeldBackByMaxActiveRuns_NamesTheLimitAndWhoIsRunning()
    {
        Queue(paused: false);
        var spec = OrleansFlow.Domain.Dags.CanonicalJson.Write(Sample.Spec with { MaxActiveRuns = 1 });
        _world.Dags[0] = _world.Dags[0] with { Versions = [_world.Dags[0].Versions[0] with { Spec = spec }] };
        _world.Change(Sample.Good, r => r with { Run = r.Run with { State = RunState.Running, EndedAt = null } });

        (await _call.InvokeAsync("why", "@latest")).ShouldBe(ExitCode.Success);

        _call.Out.ToString().ShouldContain("max_active_runs of DAG credit is reached: 1 run of 1 running");
        _call.Out.ToString().ShouldContain($"run {Sample.Good} is running");
    }

    [Fact]
    public async Task WhoeverHoldsTheEngineWithoutHostingTheRun_IsNamedInTheEnd()
    {
        _world.Refused = "Another host works on the data folder /data: process 4711.";

        (await _call.InvokeAsync("runs", "watch", "@latest")).ShouldBe(ExitCode.Unavailable);

        _call.Error.ToString().ShouldContain("process 4711");
    }

    private void Queue(bool paused)
    {
        _world.Change(Sample.Live, r => r with { Run = r.Run with { State = RunState.Queued }, Tasks = [], Attempts = [] });
        _world.Dags[0] = _world.Dags[0] with { Head = _world.Dags[0].Head with { Paused = paused } };
    }

    private static void End(FakeEngines world) => world.Change(Sample.Live, r => r with
    {
        Run = r.Run with { State = RunState.Success, EndedAt = Sample.Start.AddHours(3) },
    });

    private void Skip(int looks)
    {
        for (var i = 0; i < looks; i++) _world.Next.Enqueue(_ => { });
    }
}
