using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Building;

/// <summary>What a build does about the cluster host where Orleans cannot be had. Only the question is asked here; nothing is built.</summary>
public sealed class StepAsideTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flow-e2e-step-aside-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Absent_IsWarnedOfOnce_AndRemembered()
    {
        var sources = Sources(EmptyFolder());
        var asked = await AskAsync(sources, "-t:Ask;SayAbsent");
        asked.ExitCode.ShouldBe(0, asked.Everything);
        asked.Out.ShouldContain("Asking the package sources for Orleans");
        asked.Out.ShouldContain("warning FLOW0001: No package source of this machine carries Orleans");
        (await File.ReadAllTextAsync(Path.Combine(_folder, "artifacts", "orleans", "answer.props"))).ShouldContain("<OrleansPresent>false</OrleansPresent>");

        var again = await AskAsync(sources, "-t:Ask");
        again.ExitCode.ShouldBe(0, again.Everything);
        again.Out.ShouldNotContain("Asking the package sources");
    }

    [Fact]
    public async Task Absent_IsAnError_WhereTheClusterIsRequired()
    {
        var asked = await AskAsync(Sources(EmptyFolder()), "-t:Ask", "-p:FlowCluster=required");
        asked.ExitCode.ShouldNotBe(0);
        asked.Out.ShouldContain("error FLOW0002");
    }

    [Fact]
    public async Task SourceThatDoesNotAnswer_IsNoAbsence()
    {
        // The discard port: nobody listens.
        var asked = await AskAsync(Sources("http://127.0.0.1:9/index.json"), "-t:Ask");
        asked.ExitCode.ShouldNotBe(0);
        asked.Out.ShouldContain("error FLOW0003");
        asked.Out.ShouldContain("NU1301");
        File.Exists(Path.Combine(_folder, "artifacts", "orleans", "answer.props")).ShouldBeFalse();
    }

    [Fact]
    public async Task SourceThatStopsAnswering_LeavesTheLastAnswer()
    {
        var folder = EmptyFolder();
        var sources = Sources(folder);
        (await AskAsync(sources, "-t:Ask")).ExitCode.ShouldBe(0);

        // A day later the folder is gone: the same configuration, and no answer.
        var answer = Path.Combine(_folder, "artifacts", "orleans", "answer.props");
        var text = await File.ReadAllTextAsync(answer);
        await File.WriteAllTextAsync(answer, System.Text.RegularExpressions.Regex.Replace(text, "<OrleansValidUntil>[0-9]+", "<OrleansValidUntil>1"));
        Directory.Delete(folder);
        var asked = await AskAsync(sources, "-t:Ask");
        asked.ExitCode.ShouldBe(0, asked.Everything);
        asked.Out.ShouldContain("the last answer (present: false) holds for another hour");
    }

    private string EmptyFolder() => Directory.CreateDirectory(Path.Combine(_folder, "feed")).FullName;

    private string Sources(string source)
    {
        var file = Path.Combine(_folder, "nuget.config");
        File.WriteAllText(file,
            $"""
            <configuration>
              <packageSources><clear /><add key="only" value="{source}" allowInsecureConnections="true" /></packageSources>
              <config><clear /><add key="globalPackagesFolder" value="{_folder}/packages" /></config>
            </configuration>
            """);
        return file;
    }

    private async Task<Outcome> AskAsync(string sources, params string[] more)
    {
        var info = FlowProgram.Captured(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["msbuild", Path.Combine(FlowProgram.Root, "build", "OrleansProbe", "OrleansProbe.csproj"), "-nologo", "-nodeReuse:false",
             $"-p:ArtifactsPath={_folder}/artifacts", $"-p:RestoreConfigFile={sources}", .. more]);
        info.Environment.Remove("NUGET_PACKAGES");
        info.Environment.Remove("FlowCluster");
        info.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        return await FlowProcess.Start(info).EndAsync(TimeSpan.FromMinutes(5));
    }
}
