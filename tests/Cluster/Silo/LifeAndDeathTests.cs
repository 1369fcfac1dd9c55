using System.Net;
using System.Net.Sockets;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.Cluster.Silo;

/// <summary>What becomes of the runs of a cluster when its silos die, leave, hang or lose their database.</summary>
public sealed class LifeAndDeathTests
{
    private const int Runs = 12;

    /// <summary>Of a drain that has to be over in 10 s.</summary>
    private static readonly TimeSpan s_drainCeiling = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task AKilledSilo_LosesNothing_AndTheNextOneLeads()
    {
        await using var silos = await Silos.StartAsync(3);
        await silos.TriggerAsync(Runs);
        await Eventually.TrueAsync(async () => await Silos.LiveRunsAsync(silos.All[1]) == silos.Runs, "the silos say which grains they have: every run lives at one of them");

        await silos.All[0].Process.KillAsync();
        await silos.LostAsync();
        silos.Home.Open("go");
        await silos.EndAsync(silos.All[2]);

        await silos.AuditAsync();
    }

    [Fact]
    public async Task TwoOfThreeKilledAtOnce_LoseNothing()
    {
        await using var silos = await Silos.StartAsync(3);
        await silos.TriggerAsync(Runs);

        await Task.WhenAll(silos.All[0].Process.KillAsync(), silos.All[1].Process.KillAsync());
        await silos.LostAsync();
        silos.Home.Open("go");
        await silos.EndAsync(silos.All[2]);

        await silos.AuditAsync();
    }

    [Fact]
    public async Task AllKilled_TheFirstNewOne_AtANewAddress_GoesOn()
    {
        await using var silos = await Silos.StartAsync(2);
        await silos.TriggerAsync(Runs);

        await Task.WhenAll(silos.All.Select(silo => silo.Process.KillAsync()));
        var next = await silos.AddAsync();
        await silos.EndAsync(next);

        (await silos.LostAsync()).ShouldBe(silos.Runs);
        await silos.AuditAsync();
    }

    [Fact]
    public async Task ASiloThatIsToldToEnd_HandsOver_AndSoDoesOneWhoseMachineGoesAway()
    {
        await using var silos = await Silos.StartAsync(2);
        var notice = Path.Combine(silos.Home.Gates, "notice");
        var leaving = await silos.AddAsync("--notice-file", notice);
        await silos.TriggerAsync(Runs);

        silos.All[0].Process.Send(Signals.Terminate);
        File.WriteAllText(notice, "");
        var outcomes = await Task.WhenAll(silos.All[0].Process.EndAsync(), leaving.Process.EndAsync());
        silos.Home.Open("go");
        await silos.EndAsync(silos.All[1]);

        outcomes.ShouldAllBe(outcome => outcome.ExitCode == 0, string.Join('\n', outcomes.Select(outcome => outcome.Everything)));
        (await silos.LostAsync()).ShouldBeGreaterThan(0);
        (await silos.CountAsync("SELECT count(*) FROM host")).ShouldBe(1, "who leaves gives up its seat");
        await silos.AuditAsync();
    }

    [Fact]
    public async Task ASiloThatIsToldToEnd_Ends_WithTasksThatDoNotStop_AndACollectorThatDoesNotAnswer()
    {
        await using var silos = await Silos.StartAsync(2);
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        var folder = new Installation();
        folder.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{collector.LocalEndpoint}";
        var leaving = await silos.AddAsync(folder);
        await silos.TriggerAsync(Runs, "trap '' TERM");

        leaving.Process.Send(Signals.Terminate);
        var outcome = await leaving.Process.EndAsync(s_drainCeiling);
        Signals.Mentioning(folder.Data).ShouldBeEmpty("nothing of it runs on");
        silos.Home.Open("go");
        await silos.EndAsync(silos.All[0]);

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        (await silos.LostAsync()).ShouldBeGreaterThan(0);
        (await silos.CountAsync("SELECT count(*) FROM host")).ShouldBe(2, "who leaves gives up its seat");
        await silos.AuditAsync();
    }

    [Fact]
    public async Task ASiloThatIsToldToEnd_WhilePostgresHangs_Ends_AndTheOtherGoesOnWhenItWakes()
    {
        await using var silos = await Silos.StartAsync(1);
        var folder = new Installation();
        var leaving = await silos.AddAsync(folder);
        await silos.TriggerAsync(Runs);

        Outcome outcome;
        using (await silos.Home.FreezePostgresAsync())
        {
            leaving.Process.Send(Signals.Terminate);
            outcome = await leaving.Process.EndAsync(s_drainCeiling);
            Signals.Mentioning(folder.Data).ShouldBeEmpty("nothing of it runs on");
        }

        silos.Home.Open("go");
        await silos.EndAsync(silos.All[0]);

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        outcome.Error.ShouldContain("this silo ends before it has handed over all that it had");
        (await silos.LostAsync()).ShouldBeGreaterThan(0);
        await Eventually.TrueAsync(async () => await silos.CountAsync("SELECT count(*) FROM host") == 1, "the other puts it out");
        await silos.AuditAsync();
    }

    [Fact]
    public async Task ASiloThatHung_IsReplaced_CommitsNothingWhenItWakes_AndEnds()
    {
        await using var silos = await Silos.StartAsync(3);
        await silos.TriggerAsync(Runs);

        silos.All[0].Process.Send(Signals.Stop);
        await silos.LostAsync();
        silos.Home.Open("go");
        await silos.EndAsync(silos.All[1]);
        var history = await silos.CountAsync("SELECT count(*) FROM task_event");
        silos.All[0].Process.Send(Signals.Continue);
        var outcome = await silos.All[0].Process.EndAsync();

        outcome.ExitCode.ShouldBe(3, outcome.Everything);
        outcome.Error.ShouldContain("hold this one for dead");
        (await silos.CountAsync("SELECT count(*) FROM task_event")).ShouldBe(history);
        await silos.AuditAsync();
    }

    [Fact]
    public async Task PostgresKilledUnderAllSilos_LosesNothing()
    {
        await using var silos = await Silos.StartAsync(2);
        await silos.TriggerAsync(Runs);

        // What tasks end with meanwhile has to wait. Whether a silo has to say so depends on how soon PostgreSQL is back.
        Signals.Send(await silos.Home.PostmasterAsync(), Signals.Kill);
        silos.Home.Open("go");
        await silos.EndAsync(silos.All[1]);

        (await silos.CountAsync("SELECT count(*) FROM task_attempt WHERE state <> 'succeeded'")).ShouldBe(0, "nobody was held for dead");
        await silos.AuditAsync();
    }
}
