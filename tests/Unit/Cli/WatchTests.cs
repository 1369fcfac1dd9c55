using OrleansFlow.Cli;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Tests.Unit.Cli.Fakes;

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

    private static void End(FakeEngines world) => world.Change(Sample.Live, r => r with
    {
        Run = r.Run with { State = RunState.Success, EndedAt = Sample.Start.AddHours(3) },
    });

    private void Skip(int looks)
    {
        for (var i = 0; i < looks; i++) _world.Next.Enqueue(_ => { });
    }
}
