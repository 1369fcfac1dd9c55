using OrleansFlow.Cli.Following;
using OrleansFlow.Tests.Unit.Cli.Fakes;
using Spectre.Console;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>The live table of a run.</summary>
public sealed class LiveTableTests
{
    [Fact]
    public async Task WhatRuns_StandsFirst_WithTheLastLineOfItsLog()
    {
        var world = Sample.World();
        world.LogTexts.Add(new(Sample.Key(Sample.Live, "fetch"), 1), "2024-01-01T08:00:01.000Z out reading\n2024-01-01T08:00:02.000Z out 40 % [done]\n");

        var lines = await DrawAsync(world, height: 40);

        lines[0].ShouldContain("credit manual-20240101T080000Z-ccccc: running, 0 of 4 tasks finished, 1h00m");
        lines[2].ShouldContain("fetch");
        lines[2].ShouldEndWith("40 % [done]");
    }

    [Fact]
    public async Task WhatDoesNotFit_IsCounted()
    {
        var lines = await DrawAsync(Sample.World(), height: 5);

        lines.ShouldContain(line => line.Contains("... and 1 task more", StringComparison.Ordinal));
    }

    private static async Task<string[]> DrawAsync(FakeEngines world, int height)
    {
        var call = new CommandLine(world);
        var detail = world.Runs.Single(r => r.Run.Id == Sample.Live);
        await using var lines = new LastLines(world.Logs, call.Services.Screen.Time);
        LiveRunView.Draw(detail, CommandLine.Now, height, notice: null, lines);
        await lines.ReadAsync(CancellationToken.None);
        var table = LiveRunView.Draw(detail, CommandLine.Now, height, notice: null, lines);
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 120;
        console.Write(table);
        return [.. text.ToString().Split('\n').Select(line => line.TrimEnd())];
    }
}
