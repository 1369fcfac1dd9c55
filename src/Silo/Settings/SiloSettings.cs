using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Silo.Settings;

/// <summary>What a silo is told by its command line, its environment and a file, in this order: the settings of <c>flow server</c>, and a few of its own.</summary>
public sealed class SiloSettings
{
    private SiloSettings(ServerSettings server) => Server = server;

    /// <summary>What it has in common with <c>flow server</c>.</summary>
    public ServerSettings Server { get; }

    /// <summary>Where the other silos reach this one. Default: the address that the API listens on; where that is every address, the machine's first.</summary>
    public IPAddress Address { get; private set; } = IPAddress.Loopback;

    /// <summary>The port of the calls between silos. Default: 11111.</summary>
    public int Port { get; private set; } = 11111;

    /// <summary>A file whose appearance tells that this machine is going away; null: none.</summary>
    public string? NoticeFile { get; private set; }

    /// <summary>The settings that <c>flow server</c> does not have, in the order of the documentation.</summary>
    public static IReadOnlyList<ServerSetting> Own { get; } =
    [
        new("silo_address", "IP address", "address; where that is every address, the machine's first", "Where the other silos reach this one.", Nothing),
        new("silo_port", "1 to 65535", "11111", "The port of the calls between silos.", Nothing),
        new("notice_file", "path", "none", "A file whose appearance tells that the machine is going away: the silo hands over and ends, as after SIGTERM.", Nothing),
    ];

    /// <summary>The table of the documentation.</summary>
    public static string Table() => ServerSettings.Table(Own);

    /// <summary>Reads settings. Everything that is wrong is told at once.</summary>
    /// <param name="arguments">Of the command line: <c>--name value</c>, with dashes for underscores, and <c>--config file</c>.</param>
    /// <param name="environment">Variables by name, all that there are.</param>
    /// <exception cref="HostStartException">Something is wrong, or the file cannot be read.</exception>
    public static SiloSettings Read(IReadOnlyList<string> arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var (variables, file) = (environment.ToDictionary(), new Dictionary<string, string>());
        var (given, own, problems) = (new Dictionary<string, string>(), new Dictionary<string, (string Where, string Value)>(), new List<string>());
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var name = arguments[i].StartsWith("--", StringComparison.Ordinal) ? arguments[i][2..].Replace('-', '_') : "";
            if (i + 1 == arguments.Count) problems.Add($"{arguments[i]}: its value is missing");
            else if (name == "config") file = SettingsFile.Read(arguments[i + 1]);
            else if (Own.Any(setting => setting.Name == name)) own[name] = (arguments[i], arguments[i + 1]);
            else if (ServerSettings.All.Any(setting => setting.Name == name)) given[name] = arguments[i + 1];
            else problems.Add($"{arguments[i]}: there is no such setting");
        }

        foreach (var setting in Own)
        {
            if (variables.Remove(setting.Variable, out var value)) own.TryAdd(setting.Name, (setting.Variable, value));
            if (file.Remove(setting.Name, out value)) own.TryAdd(setting.Name, ($"{setting.Name} in the file", value));
        }

        if (variables.GetValueOrDefault("FLOW_POSTGRES") is { } database) file.TryAdd("connection_string", database);
        return Read(ServerSettings.Read(given, variables, file, problems), own, problems);
    }

    /// <summary>Looks whether the port of the silo can be had.</summary>
    /// <exception cref="HostStartException">It cannot.</exception>
    public void RequirePort()
    {
        using var probe = new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(Address, Port));
        }
        catch (SocketException taken)
        {
            throw new HostStartException(
                StartProblem.PortInUse, $"The silo cannot listen on {Address}:{Port}: {taken.Message}.",
                "Choose another port with --silo-port, or an address of this machine with --silo-address.", taken);
        }
    }

    private static SiloSettings Read(ServerSettings server, Dictionary<string, (string Where, string Value)> own, List<string> problems)
    {
        var settings = new SiloSettings(server);
        var (host, serve) = (settings.Server.Host, settings.Server.Serve);
        settings.Address = serve.Address.Equals(IPAddress.Any) || serve.Address.Equals(IPAddress.IPv6Any) ? OfMachine(serve.Address) : serve.Address;
        foreach (var (name, (where, value)) in own)
            if (settings.Take(name, value) is { } problem) problems.Add($"{where}: {problem}");
        if (host.ConnectionString is null) problems.Add("connection_string is missing: the silos of a cluster share one PostgreSQL");
        if (host.SharedFolder is null) problems.Add("shared_dir is missing: every silo must see the artifacts and logs of the others");
        if (host.StandBy) problems.Add("standby is for flow server: all silos of a cluster work");
        return problems.Count == 0 ? settings : throw new HostStartException(
            StartProblem.Settings, $"The settings are wrong: {string.Join("; ", problems)}.", "docs/operations.md tells what a silo takes.");
    }

    private string? Take(string name, string value)
    {
        switch (name)
        {
            case "silo_address":
                if (!IPAddress.TryParse(value, out var address)) return $"'{value}' is no IP address";
                Address = address;
                return null;
            case "silo_port":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535) return $"'{value}' is no port: 1 to 65535";
                Port = port;
                return null;
            default:
                NoticeFile = Path.GetFullPath(value);
                return null;
        }
    }

    private static string? Nothing(ServerSettings settings, string value) => null;

    private static IPAddress OfMachine(IPAddress any) =>
        Dns.GetHostAddresses(Dns.GetHostName()).FirstOrDefault(address => address.AddressFamily == any.AddressFamily && !IPAddress.IsLoopback(address))
        ?? IPAddress.Loopback;
}
