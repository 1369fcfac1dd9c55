using System.Text.RegularExpressions;
using OrleansFlow.Contracts;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Api;

/// <summary>The examples of <c>docs/api.md</c> run as they stand, and leave no method out.</summary>
public sealed partial class DocumentationTests
{
    private static string Page => File.ReadAllText(Path.Combine(FlowProgram.Root, "docs", "api.md"));

    [Fact]
    public void EveryMethod_IsOnThePage()
    {
        var page = Page;
        ApiDescriptors.Files.SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .Where(method => !page.Contains($"{method.Service.Name}/{method.Name} ", StringComparison.Ordinal) && !page.Contains($"`{method.Name}`", StringComparison.Ordinal))
            .Select(method => method.FullName)
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task EveryExample_Runs()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        var script = "set -euo pipefail\n" + string.Concat(Block().Matches(Page).Select(block => block.Groups[1].Value + "\n"));
        var info = FlowProgram.Captured("/bin/bash", ["-c", script]);
        (info.Environment["API"], info.Environment["TOKEN"]) = (server.Http, server.Token);
        var outcome = await FlowProcess.Start(info).EndAsync();
        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        outcome.Out.ShouldContain("hello reader");
        outcome.Out.ShouldContain("RUN_STATE_SUCCESS");
    }

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
