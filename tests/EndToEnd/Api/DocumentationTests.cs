using System.Diagnostics;
using System.Text.RegularExpressions;
using OrleansFlow.Client;
using OrleansFlow.Contracts;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Api;

/// <summary>The examples of <c>docs/api.md</c> run as they stand, and leave no method out.</summary>
public sealed class DocumentationTests
{
    private static string Page => File.ReadAllText(Path.Combine(FlowProgram.Root, "docs", "api.md"));

    [Fact]
    public void EveryMethod_IsOnThePage()
    {
        var (page, examples) = (Page, Examples("sh"));
        ApiDescriptors.Files.SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .Where(method => method.Service.Name is "AttemptService" or "CapacityService"
                ? !page.Contains($"`{method.Name}`", StringComparison.Ordinal)
                : !examples.Contains($"{method.Service.Name}/{method.Name} ", StringComparison.Ordinal))
            .Select(method => method.FullName)
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task EveryExampleForTheShell_Runs()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        var info = FlowProgram.Captured("/bin/bash", ["-c", "set -euo pipefail\n" + Examples("sh")]);
        (info.Environment["API"], info.Environment["TOKEN"]) = (server.Http, server.Token);
        await SucceedsAsync(info, "hello reader");
    }

    [NodeFact]
    public async Task EveryExampleForNode_Runs()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        var folder = Directory.CreateTempSubdirectory("flow-e2e-node-").FullName;
        try
        {
            File.CreateSymbolicLink(Path.Combine(folder, "node_modules"), NodeFactAttribute.Packages);
            await File.WriteAllTextAsync(Path.Combine(folder, "examples.mjs"), Examples("js"));
            var info = FlowProgram.Captured("node", [Path.Combine(folder, "examples.mjs")]);
            (info.Environment["GRPC"], info.Environment["TOKEN"]) = (server.Grpc["http://".Length..], server.Token);
            info.Environment["PROTOS"] = Path.Combine(FlowProgram.Root, "src", "Contracts", "proto");
            await SucceedsAsync(info, "hello node");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task EveryExampleInCSharp_Runs()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        using var client = new FlowClient(server.Grpc, server.Token);
        await ClientSample.ApiTour.RunAsync(client);
        (await client.GetRunAsync(new RunId("sharp-1"))).State.ShouldBe(RunState.Success);
    }

    private static string Examples(string language) =>
        string.Concat(Regex.Matches(Page, $"^```{language}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Select(block => block.Groups[1].Value + "\n"));

    private static async Task SucceedsAsync(ProcessStartInfo info, string says)
    {
        var outcome = await FlowProcess.Start(info).EndAsync();
        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        outcome.Out.ShouldContain(says);
        outcome.Out.ShouldContain("RUN_STATE_SUCCESS");
    }
}
