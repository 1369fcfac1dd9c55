using Npgsql;
using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;
using OrleansFlow.Tests.EndToEnd.Replicas;

namespace OrleansFlow.Tests.Cluster.Silo;

/// <summary>Real silo processes on one real PostgreSQL, and what became of the runs that they had.</summary>
internal sealed class Silos : IAsyncDisposable
{
    /// <summary>
    /// The first attempt of its middle task waits for a gate, the others do not. Everything that is started leaves a line.
    /// </summary>
    private const string Chain = """
        dag: chain
        max_active_runs: %M
        tasks:
          first: { script: "echo $FLOW_EPOCH >> %G/$FLOW_RUN_ID.first; echo one > $FLOW_OUTPUTS/one" }
          middle:
            inputs: { one: first/one }
            script: |
              %B
              echo $FLOW_EPOCH >> %G/$FLOW_RUN_ID.middle
              if [ $FLOW_EPOCH = 1 ]; then
                touch %G/$FLOW_RUN_ID.started
                while [ ! -e %G/go ]; do sleep 0.1; done
              fi
              cat $FLOW_INPUTS/one > $FLOW_OUTPUTS/two
          last: { inputs: { two: middle/two }, script: "echo $FLOW_EPOCH >> %G/$FLOW_RUN_ID.last; [ $(cat $FLOW_INPUTS/two) = one ]" }
        """;

    private const int MostRuns = 64;

    private readonly Replicas _replicas;
    private readonly List<Installation> _folders = [];
    private readonly List<ApiServer> _silos = [];
    private readonly List<string> _runs = [];

    private Silos(Replicas replicas) => _replicas = replicas;

    /// <summary>Has the gates, and commands that read the database.</summary>
    public Installation Home => _replicas.Home;

    /// <summary>How many runs were started.</summary>
    public int Runs => _runs.Count;

    /// <summary>Those that were started, the oldest first; of those that are up the first one leads.</summary>
    public IReadOnlyList<ApiServer> All => _silos;

    /// <summary>Starts PostgreSQL and some silos.</summary>
    public static async Task<Silos> StartAsync(int count)
    {
        var silos = new Silos(await Replicas.StartAsync());
        try
        {
            for (var i = 0; i < count; i++) await silos.AddAsync();
            return silos;
        }
        catch
        {
            await silos.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more, at an address that no other had, and returns when it takes work.</summary>
    public Task<ApiServer> AddAsync(params string[] more) => AddAsync(new Installation(), more);

    /// <summary>Starts one more, with the variables that a folder has already.</summary>
    public async Task<ApiServer> AddAsync(Installation folder, params string[] more)
    {
        _folders.Add(folder);
        folder.Environment["ORLEANSFLOW_CONNECTION_STRING"] = _replicas.Database;
        folder.Environment["ORLEANSFLOW_SHARED_DIR"] = Path.Combine(Home.Root, "shared");
        var program = FlowProgram.Captured(
            Environment.ProcessPath is { } dotnet && Path.GetFileNameWithoutExtension(dotnet) == "dotnet" ? dotnet : "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "OrleansFlow.Silo.dll"), "--data-dir", folder.Data, "--port", "0", "--http-port", "0", "--silo-port", $"{Ports.Free()}", .. more]);
        var silo = await ApiServer.OfAsync(folder, folder.Start(program));
        _silos.Add(silo);
        return silo;
    }

    /// <summary>
    /// Starts runs, by all silos in turn, and waits until each has a task that waits. Which silo has a run is a matter of hashes: there may be a few
    /// more, so that every silo has one to lose. For once, while all silos are up.
    /// </summary>
    /// <param name="count">How many, at least.</param>
    /// <param name="first">What the task does before everything else.</param>
    public async Task TriggerAsync(int count, string first = "true")
    {
        await _silos[0].ApplyAsync(Chain
            .Replace("%M", $"{MostRuns}", StringComparison.Ordinal)
            .Replace("%B", first, StringComparison.Ordinal)
            .Replace("%G", Home.Gates, StringComparison.Ordinal));
        while (_runs.Count < count) await TriggerAsync();
        foreach (var run in _runs) await Home.OpenedAsync($"{run}.started");
        while (await AtWorkAsync() < _silos.Count)
        {
            _runs.Count.ShouldBeLessThan(MostRuns, "a silo gets none of the runs");
            await Home.OpenedAsync($"{await TriggerAsync()}.started");
        }
    }

    private async Task<string> TriggerAsync()
    {
        var id = $"run-{_runs.Count}";
        var silo = _silos[_runs.Count % _silos.Count];
        await silo.CallAsync("RunService/TriggerRun", $$"""{"dag": "dags/chain", "runId": "{{id}}", "requestId": "trigger-{{id}}"}""");
        _runs.Add(id);
        return id;
    }

    // the last twelve digits of an attempt's uid name the seat of its silo
    private Task<long> AtWorkAsync() => CountAsync("SELECT count(DISTINCT right(uid::text, 12)) FROM task_attempt WHERE task_id = 'middle'");

    /// <summary>Waits until every run has ended, asking a silo that is up.</summary>
    public async Task EndAsync(ApiServer silo)
    {
        foreach (var run in _runs)
            await Eventually.TrueAsync(
                async () =>
                {
                    var (_, answer) = await silo.TryAsync("RunService/GetRun", $$"""{"name": "runs/{{run}}", "readMask": "state"}""");
                    return answer is System.Text.Json.Nodes.JsonObject found && found["state"]?.GetValue<string>() is "RUN_STATE_SUCCESS" or "RUN_STATE_FAILED";
                },
                $"{run} ends");
    }

    /// <summary>Waits until attempts are lost with their silos, and tells how many are by then.</summary>
    public async Task<long> LostAsync()
    {
        await Eventually.TrueAsync(async () => await CountAsync("SELECT count(*) FROM task_attempt WHERE cause = 'host_lost'") > 0, "attempts are lost with their silo");
        return await CountAsync("SELECT count(*) FROM task_attempt WHERE cause = 'host_lost'");
    }

    /// <summary>
    /// Nothing was lost and nothing done twice: every run succeeded; every task was committed by one attempt; what else was started was lost with
    /// its silo, once each, at no cost of the user's retries; limits are released; and nobody saw anything illegal.
    /// </summary>
    public async Task AuditAsync()
    {
        foreach (var run in _runs)
        {
            var view = await Home.ShowAsync(run);
            view.States.ShouldBe("first:success last:success middle:success", run);
            foreach (var task in view.Tasks)
            {
                task.Committed.ShouldBe(1, $"{run} {task.Name}");
                task.RetriesUsed.ShouldBe(0, $"{run} {task.Name}");
                task.Attempts.Where(attempt => attempt.State != "succeeded").ShouldAllBe(attempt => attempt.Cause == "host_lost", $"{run} {task.Name}: {task.Causes}");
                var started = File.ReadAllLines(Path.Combine(Home.Gates, $"{run}.{task.Task}"));
                started.ShouldBeUnique($"{run} {task.Name}: no attempt starts twice");
            }
        }

        (await CountAsync("SELECT count(*) FROM task_instance WHERE unreported")).ShouldBe(0);
        (await CountAsync("SELECT coalesce(sum(used), 0)::bigint FROM limit_counter")).ShouldBe(0);
        foreach (var folder in _folders)
            foreach (var line in await File.ReadAllLinesAsync(Path.Combine(folder.Data, "logs", "host.log")))
                line.Split(' ').ElementAtOrDefault(1).ShouldNotBeOneOf(["illegal", "defect", "incident"], line);
    }

    /// <summary>How many grains of runs all silos together say they have.</summary>
    public static async Task<int> LiveRunsAsync(ApiServer silo)
    {
        var listed = await silo.CallAsync("SystemService/ListHosts", "{}");
        return listed["hosts"]!.AsArray().Sum(host => host!["live"]?["runCount"]?.GetValue<int>() ?? 0);
    }

    /// <summary>One number of the database.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_replicas.Database);
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos) silo.Dispose();
        foreach (var folder in _folders) await folder.DisposeAsync();
        await _replicas.DisposeAsync();
    }
}
