using System.Text.Json.Nodes;
using OrleansFlow.Client;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;

namespace ClientSample;

/// <summary>What a program does with a server, step by step.</summary>
public static class Walkthrough
{
    /// <summary>Applies a DAG, runs it, shows what it writes, and waits for its end. Returns whether it succeeded.</summary>
    public static async Task<bool> RunAsync(FlowClient client, CancellationToken cancellation = default)
    {
        var applied = await client.ApplyAsync(SampleDags.Hello(), cancellation: cancellation);
        Console.WriteLine($"{applied.Dag}: {applied.Outcome}");

        var run = await client.TriggerAsync(
            new DagId("hello"), new TriggerOptions { Params = new JsonObject { ["name"] = "you" } }, cancellation);
        var id = ResourceNames.Run(run.Name);

        await foreach (var record in client.StreamLogsAsync(new LogQuery { Run = id, Follow = true }, cancellation))
            Console.WriteLine(record.Text);

        // goes on over lost connections and servers that start again
        var ended = await client.WaitAsync(id, cancellation);
        Console.WriteLine($"{id}: {ended.State}");
        return ended.State == RunState.Success;
    }
}
