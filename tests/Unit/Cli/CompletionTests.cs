using OrleansFlow.Cli;
using OrleansFlow.Tests.Unit.Cli.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>What shells are told when they complete.</summary>
public sealed class CompletionTests
{
    private readonly CommandLine _call = new(new FakeEngines());

    [Theory]
    [InlineData("ru", "run", "runs")]
    [InlineData("runs ", "list", "watch", "rerun")]
    [InlineData("runs list --st", "--state")]
    [InlineData("completion ", "bash", "zsh", "fish")]
    public async Task AShell_IsTold_WhatMayFollow(string line, params string[] expected)
    {
        (await _call.InvokeAsync($"[suggest:{line.Length}]", line)).ShouldBe(ExitCode.Success);

        var told = _call.Out.ToString().Split('\n');
        foreach (var word in expected) told.ShouldContain(word);
        _call.Error.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _flow flow")]
    [InlineData("zsh", "compdef _flow flow")]
    [InlineData("zsh", "[[ $funcstack[1] != _flow ]] || _flow \"$@\"")]
    [InlineData("fish", "complete -c flow")]
    public async Task AScript_AsksTheProgram(string shell, string hook)
    {
        (await _call.InvokeAsync("completion", shell)).ShouldBe(ExitCode.Success);

        _call.Out.ToString().ShouldContain(hook);
        _call.Out.ToString().ShouldContain("[suggest:");
        _call.Out.ToString().ShouldContain($"flow completion {shell}");
    }

    [Fact]
    public async Task AnotherShell_IsRefused() => (await _call.InvokeAsync("completion", "cmd")).ShouldBe(ExitCode.Invalid);
}
