using OrleansFlow.Cli;
using OrleansFlow.Cli.Terminal;
using OrleansFlow.Tests.Unit.Cli.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>Exit codes and messages when something is in the way.</summary>
public sealed class ErrorsTests
{
    private readonly FakeEngines _world = Sample.World();

    [Theory]
    [InlineData("dags pause credit")]
    [InlineData("dags trigger credit")]
    [InlineData("runs cancel @latest")]
    [InlineData("runs rerun @latest")]
    [InlineData("tasks clear @latest fetch")]
    [InlineData("pools set gpu 3")]
    public async Task AWrite_WhileAnotherProcessHosts_ExitsThree_AndNamesIt(string arguments)
    {
        _world.OtherHost = 4711;
        var call = new CommandLine(_world);

        var code = await call.InvokeAsync(arguments.Split(' '));

        code.ShouldBe(ExitCode.Unavailable);
        call.Out.ToString().ShouldBeEmpty();
        call.Error.ToString().ShouldContain("process 4711. Stop it or wait for it to end.");
    }

    [Fact]
    public async Task AMissingEnvironment_ExitsThree_WithItsMessage()
    {
        _world.Broken = new CliException(ExitCode.Unavailable, "No PostgreSQL is installed. Install postgresql.");
        var call = new CommandLine(_world);

        (await call.InvokeAsync("runs", "list")).ShouldBe(ExitCode.Unavailable);

        call.Error.ToString().ShouldBe("flow: No PostgreSQL is installed. Install postgresql.\n");
    }

    [Fact]
    public async Task AnUnexpectedError_IsOneLine_AndOnlyDetailsShowTheCode()
    {
        _world.Broken = new InvalidOperationException("something\nbroke");
        var brief = new CommandLine(_world);
        var verbose = new CommandLine(_world);

        (await brief.InvokeAsync("runs", "list")).ShouldBe(ExitCode.Unavailable);
        (await verbose.InvokeAsync("runs", "list", "-v")).ShouldBe(ExitCode.Unavailable);

        brief.Error.ToString().ShouldBe("flow: something broke (-v shows details)\n");
        verbose.Error.ToString().ShouldContain(nameof(FakeEngines.ReadAsync));
    }

    [Fact]
    public async Task ALog_WhoseTimeIsOver_IsSaidToBeRemoved_AndOneThatIsThereIsNot()
    {
        _world.LogsRemovedBefore = Sample.Start.AddHours(2);
        var call = new CommandLine(_world);
        (await call.InvokeAsync("logs", Sample.Good.Value)).ShouldBe(ExitCode.Success);
        call.Error.ToString().ShouldContain("the log of attempt 1 of fetch was removed");
        call.Error.ToString().ShouldNotContain("of train");

        _world.LogsRemovedBefore = Sample.Start;
        var before = new CommandLine(_world);
        await before.InvokeAsync("logs", Sample.Good.Value);
        before.Error.ToString().ShouldNotContain("removed");
    }

    [Fact]
    public async Task AnInterruptedReader_LeavesQuietly()
    {
        var call = new CommandLine(_world);
        _world.Next.Enqueue(_ => call.Interrupts.Raise());
        _world.OtherHost = 1;

        (await call.InvokeAsync("logs", "@latest", "-f")).ShouldBe(ExitCode.Interrupted);

        call.Error.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task AReaderThatHasGone_EndsTheCommandQuietly()
    {
        var call = new CommandLine(_world) { OutInstead = new NobodyReads() };

        (await call.InvokeAsync("runs", "list")).ShouldBe(ExitCode.Success);

        call.Error.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--port: 'abc' is not a whole number", "dev", "--port", "abc")]
    [InlineData("--http-port: 99999999999 is out of range", "dev", "--http-port", "99999999999")]
    [InlineData("--limit: '1.5' is not a whole number", "runs", "list", "--limit", "1.5")]
    [InlineData("--attempt: 'last' is not a whole number", "logs", "@latest", "train", "--attempt", "last")]
    [InlineData("SLOTS: 'many' is not a whole number", "pools", "set", "gpu", "many")]
    [InlineData("--output: 'xml' is not one of json, yaml, table", "runs", "list", "-o", "xml")]
    [InlineData("--data-dir: the text given is empty; write a value, or leave the option out", "runs", "list", "--data-dir", "")]
    [InlineData("--token-file: the text given is empty; write a value, or leave the option out", "--token-file", "", "runs", "list")]
    [InlineData("--data: the text given is empty; write a value, or leave the option out", "dev", "--data", "")]
    [InlineData("RUN: the text given is empty; write what is meant", "runs", "show", "")]
    public async Task WhatCannotBeRead_IsNamed_AndNothingIsDone(string says, params string[] arguments)
    {
        var call = new CommandLine(_world);

        (await call.InvokeAsync(arguments)).ShouldBe(ExitCode.Invalid);

        call.Error.ToString().Split('\n')[0].ShouldBe($"flow: {says}");
        _world.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task NoCommand_ShowsTheHelp_AndExitsTwo()
    {
        var call = new CommandLine(_world);

        (await call.InvokeAsync()).ShouldBe(ExitCode.Invalid);

        call.Out.ToString().ShouldContain("Usage:");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("--no-color", false)]
    public async Task Colours_AreForTerminals_UnlessSomebodySaysNo(string option, bool colours)
    {
        var call = new CommandLine(_world) { Terminal = true };

        await call.InvokeAsync(["runs", "list", .. option.Length == 0 ? Array.Empty<string>() : [option]]);

        call.Out.ToString().Contains("\u001b[31mfailed", StringComparison.Ordinal).ShouldBe(colours);
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    public void TheEnvironment_CanRefuseColours(string name, string value)
    {
        var screen = new Screen { Out = TextWriter.Null, Error = TextWriter.Null, Environment = n => n == name ? value : null };

        screen.WantsColor(terminal: true).ShouldBeFalse();
    }

    [Fact]
    public async Task Quiet_LeavesOnlyResults()
    {
        var call = new CommandLine(_world);

        await call.InvokeAsync("runs", "list", "--dag", "other", "-q");

        call.Error.ToString().ShouldBeEmpty();
    }

    private sealed class NobodyReads : StringWriter
    {
        public override void Write(string? value) => throw new ReaderGoneException(new IOException("broken pipe"));

        public override void WriteLine(string? value) => throw new ReaderGoneException(new IOException("broken pipe"));
    }
}
