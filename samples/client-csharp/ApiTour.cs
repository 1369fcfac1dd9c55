using System.Text.Json.Nodes;
using OrleansFlow.Client;
using OrleansFlow.Client.Dags;
using OrleansFlow.Domain.Identifiers;

namespace ClientSample;

/// <summary>Each method of the API once: the C# of <c>docs/api.md</c>, which a test compares with this file and runs.</summary>
public static class ApiTour
{
    /// <summary>All of it, against a server that knows none of its DAGs yet.</summary>
    public static async Task RunAsync(FlowClient client)
    {
        await SystemAsync(client);
        await PoolsAsync(client);
        await DagsAsync(client);
        await RunsAsync(client);
        await TasksAsync(client);
        await LogsAsync(client);
        await AgainAsync(client);
    }

    private static async Task SystemAsync(FlowClient client)
    {
        var info = await client.GetSystemInfoAsync();
        var health = await client.GetHealthAsync();
        Console.WriteLine($"{info.Version}: {health.Status}");
        await foreach (var host in client.ListHostsAsync())
            Console.WriteLine(host.Name);
    }

    private static async Task PoolsAsync(FlowClient client)
    {
        await client.SetPoolAsync("licences", slots: 2, "seats of the solver", new CommandOptions { Why = "a new contract" });
        var pool = await client.GetPoolAsync("licences");
        Console.WriteLine($"{pool.Name}: {pool.Slots}");
        await foreach (var other in client.ListPoolsAsync())
            Console.WriteLine(other.Name);
    }

    private static async Task DagsAsync(FlowClient client)
    {
        var dag = Dag.Create("sharp")
            .Param("who", p => p.Text().Default("you"))
            .Task("greet", t => t.Script("""
                echo hello {{ params.who | sh }} | tee "$FLOW_OUTPUTS/greeting.txt"
                echo '{"n": 1}' > "$FLOW_XCOM"
                """))
            .Build();
        var report = await client.ValidateAsync(dag);
        Console.WriteLine($"{report.Problems.Count} problems");
        await client.ApplyAsync(dag, options: new CommandOptions { RequestId = "sharp-apply-1" });
        var sharp = new DagId("sharp");
        Console.WriteLine(await client.GetDagAsync(sharp));
        await foreach (var one in client.ListDagsAsync(new DagQuery { Paused = false }))
            Console.WriteLine(one.Name);
        Console.WriteLine(await client.GetDagVersionAsync(sharp));
        await foreach (var version in client.ListDagVersionsAsync(sharp))
            Console.WriteLine(version.Name);
        await client.PauseAsync(sharp);
        await client.UnpauseAsync(sharp);
        Console.WriteLine((await client.GetDagSchemaAsync()).Length);
    }

    private static async Task RunsAsync(FlowClient client)
    {
        var run = new RunId("sharp-1");
        await client.TriggerAsync(new DagId("sharp"), new TriggerOptions { Params = new JsonObject { ["who"] = "C#" }, Run = run });
        await foreach (var snapshot in client.WatchRunAsync(run))
            Console.WriteLine(snapshot.Run.State);
        await foreach (var happened in client.WatchEventsAsync(run))
            Console.WriteLine($"{happened.Kind} {happened.TaskId}");
        Console.WriteLine(await client.GetRunAsync(run, ["state", "tasks.state"]));
        await foreach (var one in client.ListRunsAsync(new RunQuery { Dag = new DagId("sharp") }))
            Console.WriteLine(one.Name);
        await foreach (var happened in client.ListEventsAsync(run))
            Console.WriteLine(happened.Kind);
        await client.CancelAsync(run, new CommandOptions { Why = "it is over already: nothing happens" });
    }

    private static async Task TasksAsync(FlowClient client)
    {
        var greet = new TaskKey(new RunId("sharp-1"), new TaskId("greet"));
        Console.WriteLine(await client.GetTaskInstanceAsync(greet));
        await foreach (var task in client.ListTaskInstancesAsync(greet.Run))
            Console.WriteLine($"{task.TaskId}: {task.State}");
        Console.WriteLine(await client.ExplainAsync(greet));
        await foreach (var file in client.ListArtifactsAsync(greet.Run))
            Console.WriteLine($"{file.Path}: {file.SizeBytes} bytes");
        await client.DownloadArtifactAsync(greet, "greeting.txt", Console.OpenStandardOutput());
        await foreach (var value in client.ListXcomsAsync(greet.Run))
            Console.WriteLine($"{value.Name} = {value.ValueJson}");
        Console.WriteLine(await client.GetXcomAsync(greet, "n"));
    }

    private static async Task LogsAsync(FlowClient client)
    {
        var greet = new TaskKey(new RunId("sharp-1"), new TaskId("greet"));
        Console.WriteLine(await client.ListLogRecordsAsync(new AttemptKey(greet, 1), tail: 100));
        await foreach (var record in client.StreamLogsAsync(new LogQuery { Run = greet.Run, Follow = true }))
            Console.WriteLine(record.Text);
    }

    private static async Task AgainAsync(FlowClient client)
    {
        var run = new RunId("sharp-1");
        await client.ClearAsync(run, new ClearOptions { Tasks = [new TaskId("greet")] });
        await client.WaitAsync(run);
        await client.RerunAsync(run);
        Console.WriteLine((await client.WaitAsync(run)).State);
    }
}
