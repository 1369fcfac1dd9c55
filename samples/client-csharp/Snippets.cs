using Microsoft.Extensions.DependencyInjection;
using OrleansFlow.Client;
using OrleansFlow.Client.Dags;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;

namespace ClientSample;

/// <summary>The snippets of <c>docs/client.md</c>, which a test compares with this file.</summary>
internal static class Snippets
{
    public static FlowClient Connect()
    {
        var client = new FlowClient(new FlowClientOptions
        {
            Addresses = { "127.0.0.1:8233" },
            TokenFile = "/etc/flow/token",
            Timeout = TimeSpan.FromSeconds(10),
        });
        return client;
    }

    public static void AddServices(IServiceCollection services)
    {
        services.AddFlowClient(options =>
        {
            options.Addresses.Add("https://flow.example:443");
            options.TokenFile = "/etc/flow/token";
        });
    }

    public static async Task WatchAsync(FlowClient client)
    {
        var made = await client.TriggerAsync(new DagId("reports"));
        var run = ResourceNames.Run(made.Name);
        await foreach (var snapshot in client.WatchRunAsync(run))
        {
            foreach (var task in snapshot.Changed)
                Console.WriteLine($"{task.TaskId}: {task.State} ({task.Reason})");
        }
    }

    public static async Task DownloadAsync(FlowClient client, RunId run, string folder)
    {
        await foreach (var artifact in client.ListArtifactsAsync(run))
        {
            var task = ResourceNames.Task(artifact.Name);
            await client.DownloadArtifactAsync(task, artifact.Path, Path.Combine(folder, task.Task.Value, artifact.Path));
        }
    }

    public static async Task ListAsync(FlowClient client)
    {
        var failed = new RunQuery { States = [OrleansFlow.Contracts.V1.RunState.Failed] };
        await foreach (var run in client.ListRunsAsync(failed))
            await client.RerunAsync(ResourceNames.Run(run.Name), onlyFailed: true);
    }

    public static async Task<bool> TriggerOnceAsync(FlowClient client, string order)
    {
        var dag = new DagId("reports");
        try
        {
            await client.TriggerAsync(dag, new TriggerOptions { RequestId = $"order-{order}", Why = "an order came in" });
            return true;
        }
        catch (FlowNotFoundException missing)
        {
            Console.Error.WriteLine($"{missing.Resource?.Name}: {missing.Message}");
            return false;
        }
    }

    public static DagDefinition Build()
    {
        var dag = Dag.Create("reports")
            .Cron("0 6 * * 1-5", "Europe/Berlin")
            .Param("regions", p => p.List().Default(new System.Text.Json.Nodes.JsonArray("eu", "us")))
            .Defaults(t => t.Retries(3).RetryDelay(TimeSpan.FromMinutes(1)))
            .Group("load", g => g
                .Task("fetch", t => t.Command("python3", "fetch.py").Outputs("rows.csv"))
                .Task("clean", t => t.Input("rows", "fetch/rows.csv").Command("python3", "clean.py").Pool("database", slots: 2)))
            .Task("report", t => t
                .Needs("load")
                .Map("{{ params.regions }}", "region")
                .Command("python3", "report.py", "{{ map.region }}"))
            .Task("tidy", t => t.Needs("report").TriggerRule(TriggerRule.AllDone).Script("rm -rf /tmp/reports"))
            .Build();
        return dag;
    }
}
