using System.Diagnostics;
using OrleansFlow.Client;

namespace OrleansFlow.Bench.Processes;

/// <summary>A real <c>flow dev</c>, <c>flow server</c> or silo with a data folder of the bench's.</summary>
internal sealed class FlowDev : IAsyncDisposable
{
    private readonly Child _process;

    private FlowDev(Child process, string folder, string address, TimeSpan startTime)
    {
        (_process, Address, StartTime) = (process, address, startTime);
        Token = File.ReadAllText(Path.Combine(folder, "api.token")).Trim();
        var options = new FlowClientOptions { Token = Token };
        options.Addresses.Add(address);
        Client = new FlowClient(options);
    }

    /// <summary>Of gRPC.</summary>
    public string Address { get; }

    public string Token { get; }

    public FlowClient Client { get; }

    /// <summary>The process of the host.</summary>
    public Child Process => _process;

    /// <summary>From the start of the process to the moment it says that it serves.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Resident memory of the host's process, without its PostgreSQL. Bytes.</summary>
    public long ResidentBytes()
    {
        const string field = "VmRSS:";
        var line = File.ReadLines($"/proc/{_process.Pid}/status").First(text => text.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Starts one and waits until it serves.</summary>
    public static Task<FlowDev> StartAsync(string program, string folder, CancellationToken cancellation) =>
        StartAsync(program, ["dev"], folder, Environment(folder), cancellation);

    /// <summary>Starts one that takes turns with others on a database, and waits until it serves.</summary>
    public static Task<FlowDev> StandByAsync(string program, string folder, string database, CancellationToken cancellation) => StartAsync(
        program, ["server", "--standby"], folder,
        new Dictionary<string, string?>(Environment(folder)) { ["ORLEANSFLOW_CONNECTION_STRING"] = database }, cancellation);

    /// <summary>Starts a silo of a cluster, and waits until it has joined and serves.</summary>
    public static Task<FlowDev> SiloAsync(string program, string folder, string database, string shared, int port, CancellationToken cancellation) => StartAsync(
        program, ["--shared-dir", shared, "--silo-port", $"{port}"], folder,
        new Dictionary<string, string?>(Environment(folder)) { ["ORLEANSFLOW_CONNECTION_STRING"] = database }, cancellation);

    private static async Task<FlowDev> StartAsync(
        string program, string[] command, string folder, IReadOnlyDictionary<string, string?> environment, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var process = Child.Start(Path.GetFileName(program), program, ["--data-dir", folder, .. command, "--port", "0", "--http-port", "0"], environment);
        try
        {
            var address = "";
            while (await process.LineAsync(cancellation) is var line && !line.StartsWith("data", StringComparison.Ordinal))
                if (line.StartsWith("gRPC", StringComparison.Ordinal))
                    address = line.Split(' ')[^1];
            return new FlowDev(process, folder, address, clock.Elapsed);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>For commands that are to find the server of a folder, and no other.</summary>
    public static IReadOnlyDictionary<string, string?> Environment(string folder) => new Dictionary<string, string?>
    {
        ["FLOW_DATA_DIR"] = folder,
        ["XDG_CONFIG_HOME"] = folder + "-config",
        ["FLOW_SERVER"] = null,
        ["FLOW_POSTGRES"] = null,
    };

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        return _process.DisposeAsync();
    }
}
