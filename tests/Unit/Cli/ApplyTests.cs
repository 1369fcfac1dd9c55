using OrleansFlow.Cli;
using OrleansFlow.Tests.Unit.Cli.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary><c>flow validate</c>, <c>flow dags apply</c> and <c>flow dags diff</c>.</summary>
public sealed class ApplyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cli-apply-").FullName;
    private readonly FakeEngines _world = Sample.World();
    private readonly CommandLine _call;

    public ApplyTests() => _call = new CommandLine(_world);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AFolder_IsAppliedFileByFile_HiddenOnesLeftOut()
    {
        Write("b.yml", "dag: b\ntasks:\n  x: { noop: {} }\n");
        Write("sub/a.yaml", "dag: a\ntasks:\n  x: { noop: {} }\n");
        Write(".hidden/c.yaml", "not a dag");
        Write("readme.md", "text");

        (await _call.InvokeAsync("dags", "apply", _folder)).ShouldBe(ExitCode.Success);

        _world.Asked.ShouldBe(["host", "apply b b.yml", "apply a a.yaml"]);
        _call.Out.ToString().ShouldContain("created");
    }

    [Fact]
    public async Task OneInvalidFile_KeepsAllFromBeingApplied()
    {
        Write("a.yaml", "dag: a\ntasks:\n  x: { noop: {} }\n");
        Write("b.yaml", "dag: b\n");

        (await _call.InvokeAsync("dags", "apply", _folder)).ShouldBe(ExitCode.Invalid);

        _world.Asked.ShouldBeEmpty();
        _call.Error.ToString().ShouldEndWith("in 1 of 2 files; nothing was done\n");
    }

    [Fact]
    public async Task TwoFilesOfOneDag_AreAProblemOfTheSecond()
    {
        Write("a.yaml", "dag: a\ntasks:\n  x: { noop: {} }\n");
        Write("b.yaml", "dag: a\ntasks:\n  x: { noop: {} }\n");

        (await _call.InvokeAsync("validate", _folder)).ShouldBe(ExitCode.Invalid);

        _call.Error.ToString().ShouldContain($"b.yaml:1:1: error: dag: 'a' is defined in {Path.Combine(_folder, "a.yaml")} already");
        _call.Out.ToString().ShouldBe($"{Path.Combine(_folder, "a.yaml")}: a: valid, 1 task\n");
    }

    [Fact]
    public async Task ADryRun_OnlyReads_AndNamesWhatChanges()
    {
        Write("credit.yaml", "dag: credit\ndescription: Another\ntasks:\n  fetch: { noop: {} }\n");

        (await _call.InvokeAsync("dags", "apply", _folder, "--dry-run")).ShouldBe(ExitCode.Success);

        _world.Asked.ShouldBe(["read"]);
        _call.Out.ToString().ShouldContain("updated");
        _call.Error.ToString().ShouldBe("a dry run: nothing was changed\n");
    }

    [Fact]
    public async Task ADiff_TellsEveryChange()
    {
        var file = Write("credit.yaml", "dag: credit\ndescription: Another\ntasks:\n  fetch: { noop: {} }\n");

        (await _call.InvokeAsync("dags", "diff", file)).ShouldBe(ExitCode.Success);

        _call.Out.ToString().ShouldContain("description: \"Retrains the model\" -> \"Another\"\n");
        _call.Out.ToString().ShouldContain("tasks.train: removed {");
    }

    [Theory]
    [InlineData("nothing.yaml", "there is no such file or folder")]
    [InlineData(".", "there is no DAG file")]
    public async Task WhatIsNotThere_IsSaid(string path, string says)
    {
        (await _call.InvokeAsync("validate", Path.Combine(_folder, path))).ShouldBe(ExitCode.Invalid);

        _call.Error.ToString().ShouldContain(says);
    }

    [Fact]
    public async Task TheSchema_IsOneJsonDocument()
    {
        (await _call.InvokeAsync("schema")).ShouldBe(ExitCode.Success);

        System.Text.Json.Nodes.JsonNode.Parse(_call.Out.ToString())!["properties"]!["tasks"].ShouldNotBeNull();
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}
