using System.Text.Json.Nodes;
using Npgsql;
using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Replicas;

/// <summary>One PostgreSQL, and servers that take turns on it. They share a folder of artifacts and logs; each has a data folder of its own.</summary>
internal sealed class Replicas : IAsyncDisposable
{
    private readonly ApiServer _postgres;
    private readonly List<Installation> _folders = [];
    private readonly List<ApiServer> _servers = [];

    private Replicas(Installation home, ApiServer postgres, string database)
    {
        (Home, _postgres, Database) = (home, postgres, database);
        home.Environment["FLOW_POSTGRES"] = database;
    }

    /// <summary>Has the PostgreSQL, and the gates; its commands read the database that the servers share.</summary>
    public Installation Home { get; }

    /// <summary>The connection string of that database.</summary>
    public string Database { get; }

    public static async Task<Replicas> StartAsync()
    {
        var home = new Installation();
        try
        {
            // A server that does nothing but keep its PostgreSQL up.
            var postgres = await ApiServer.StartAsync(home);
            var socket = (await File.ReadAllLinesAsync(Path.Combine(home.Data, "postgres", "postmaster.pid")))[4];
            await ExecuteAsync($"Host={socket};Username=flow;Database=flow", "CREATE DATABASE replicas");
            return new Replicas(home, postgres, $"Host={socket};Username=flow;Database=replicas");
        }
        catch
        {
            await home.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more; it is in charge when nobody else is.</summary>
    public async Task<ApiServer> AddAsync()
    {
        var folder = new Installation();
        _folders.Add(folder);
        folder.Environment["ORLEANSFLOW_CONNECTION_STRING"] = Database;
        folder.Environment["ORLEANSFLOW_SHARED_DIR"] = Path.Combine(Home.Root, "shared");
        var server = await ApiServer.ServeAsync(folder, "--standby");
        _servers.Add(server);
        return server;
    }

    /// <summary>Starts two: the first is in charge, the second stands by.</summary>
    public async Task<(ApiServer Active, ApiServer Standby)> AddTwoAsync()
    {
        var active = await AddAsync();
        await InChargeAsync(active);
        return (active, await AddAsync());
    }

    /// <summary>Waits until it has said that it is in charge.</summary>
    public static Task InChargeAsync(ApiServer server) => server.Process.SaysAsync("this host is in charge now");

    /// <summary>Waits until it has said that it is in charge no more.</summary>
    public static Task FencedAsync(ApiServer server) => server.Process.SaysAsync("another host has taken over; this one ends what it ran, and stands by");

    /// <summary>Applies a DAG there, <c>%G</c> in it being the folder of gates, and triggers it; gives the run's name.</summary>
    public async Task<string> TriggerAsync(ApiServer server, string yaml)
    {
        var dag = await server.ApplyAsync(yaml.Replace("%G", Home.Gates, StringComparison.Ordinal));
        return (await server.CallAsync("RunService/TriggerRun", $$"""{"dag": "{{dag}}"}"""))["name"]!.GetValue<string>();
    }

    /// <summary>A run as its rows have it.</summary>
    public Task<RunView> ShowAsync(string name) => Home.ShowAsync(name.Split('/')[1]);

    /// <summary>The states of the hosts that a server lists, by their addresses.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> StatesAsync(ApiServer server)
    {
        var listed = await server.CallAsync("SystemService/ListHosts", "{}");
        return listed["hosts"]!.AsArray().OfType<JsonObject>().ToDictionary(
            host => host["address"]!.GetValue<string>(), host => host["state"]!.GetValue<string>()["HOST_STATE_".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) server.Dispose();
        foreach (var folder in _folders) await folder.DisposeAsync();
        _postgres.Dispose();
        await Home.DisposeAsync();
    }

    private static async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
