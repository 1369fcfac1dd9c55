using System.Globalization;
using System.Net;
using System.Text;
using Npgsql;
using OrleansFlow.Api.Security;
using OrleansFlow.Domain.Durations;
using OrleansFlow.Domain.Text;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;

namespace OrleansFlow.Standalone.Serving;

/// <summary>A setting of <c>flow server</c>.</summary>
/// <param name="Name">In the configuration file; the variable is <c>ORLEANSFLOW_</c> and the name in capitals.</param>
/// <param name="Unit">What its value is.</param>
/// <param name="Default">What holds when it is not set.</param>
/// <param name="Effect">What it does.</param>
/// <param name="Apply">Takes a value, or says what is wrong with it.</param>
public sealed record ServerSetting(string Name, string Unit, string Default, string Effect, Func<ServerSettings, string, string?> Apply)
{
    /// <summary>Its environment variable.</summary>
    public string Variable => "ORLEANSFLOW_" + Name.ToUpperInvariant();
}

/// <summary>What <c>flow server</c> is told by its command line, its environment and its file, in this order: the first that says something counts.</summary>
public sealed class ServerSettings
{
    private string? _tokenFile;
    private bool _insecure;

    /// <summary>What the host is started with.</summary>
    public FlowHostOptions Host { get; private set; } = new();

    /// <summary>Where and for whom it listens.</summary>
    public ServeOptions Serve { get; private set; } = new();

    /// <summary>All settings, in the order of the documentation.</summary>
    public static IReadOnlyList<ServerSetting> All { get; } =
    [
        new("connection_string", "Npgsql connection string", "FLOW_POSTGRES, else a private PostgreSQL in the data folder", "The database. One host at a time is in charge of it: another one that is started ends with exit code 3, or waits for its turn with standby.",
            (s, text) => s.UseDatabase(text)),
        new("data_dir", "path", "FLOW_DATA_DIR, else /var/lib/orleansflow for root, else a folder of the user's", "The folder of artifacts, logs and working folders, and of the private PostgreSQL.",
            (s, text) => s.Set(s.Host with { DataFolder = text })),
        new("standby", "true or false", "false", "Take turns with other hosts of the same connection_string: serve reads while another one is in charge, and take over when it dies, hangs or leaves.",
            (s, text) => bool.TryParse(text, out var standby) ? s.Set(s.Host with { StandBy = standby }) : $"'{text}' is neither true nor false"),
        new("shared_dir", "path", "the data folder", "A folder that all hosts of the database see, for artifacts and logs.",
            (s, text) => File.Exists(text) ? $"{text} is a file, and no folder" : s.Set(s.Host with { SharedFolder = Path.GetFullPath(text) })),
        new("peer_address", "http address", "where it listens, or the machine's name where that is every address", "Where other hosts reach this one's gRPC, such as http://10.0.0.7:8233.",
            (s, text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == "http" && uri.AbsolutePath == "/"
                ? s.Set(s.Serve with { PeerAddress = text.TrimEnd('/') })
                : $"'{text}' is no address such as http://10.0.0.7:8233"),
        new("address", "IP address", "127.0.0.1", "Where it listens. Any other than loopback needs token_file, or insecure.",
            (s, text) => IPAddress.TryParse(text, out var address) ? s.Set(s.Serve with { Address = address }) : $"'{text}' is no IP address, such as 0.0.0.0 or ::1"),
        new("port", "0 to 65535; 0: any that is free", "8233", "The port of gRPC (HTTP/2 without TLS).",
            (s, text) => Port(text) is { } port ? s.Set(s.Serve with { Port = port }) : NoPort(text)),
        new("http_port", "0 to 65535; 0: any that is free", "8234", "The port of JSON over HTTP/1.1.",
            (s, text) => Port(text) is { } port ? s.Set(s.Serve with { HttpPort = port }) : NoPort(text)),
        new("token_file", "path", "the token of the data folder (api.token), with the role admin", "Bearer tokens, a line for each: ROLE NAME TOKEN, with the roles viewer, operator and admin.",
            (s, text) => s.UseTokens(text)),
        new("insecure", "true or false", "false", "Everybody who reaches the server may do everything, which includes running commands on its machine.",
            (s, text) => bool.TryParse(text, out var insecure) ? s.UseInsecure(insecure) : $"'{text}' is neither true nor false"),
        new("allowed_hosts", "names, with commas between them", "on loopback its own names; elsewhere any, with insecure and by HTTP/1.1 only IP addresses", "The names by which it may be called, without ports: for reverse proxies.",
            (s, text) => s.UseNames(text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))),
        new("parallelism", "tasks, at least 1", "any number", "How many tasks may be queued or running at once in the whole installation.",
            (s, text) => Whole(text, 1) is { } tasks ? s.Set(s.Host with { Parallelism = tasks }) : NoWhole(text, 1)),
        new("sweep_interval", "duration", "1s", "How often rows that are due are looked for, as the backstop of timers.",
            (s, text) => Span(text) is { } span ? s.Set(s.Host with { SweepInterval = span }) : NoSpan(text)),
        new("log_retention", "duration, or forever", "30d", "How long the logs of a run are kept after its end; they are removed within an hour after that.",
            (s, text) => text == "forever" ? s.Set(s.Host with { LogRetention = null })
                : Span(text) is { } span ? s.Set(s.Host with { LogRetention = span }) : $"{NoSpan(text)}; forever keeps them"),
        new("log_format", "text or json", "text", "How logs/host.log is written; json is an object on each line, with ids as fields.",
            (s, text) => text is "text" or "json" ? s.Set(s.Host with { JsonLog = text == "json" }) : $"'{text}' is neither text nor json"),
        new("max_message_bytes", "bytes, at least 65536", "12582912", "The largest message that is read.",
            (s, text) => Whole(text, 65536) is { } bytes ? s.Set(s.Serve with { Limits = s.Serve.Limits with { MaxMessageBytes = bytes } }) : NoWhole(text, 65536)),
        new("max_run_watches", "streams, at least 1", "20000", "Open WatchRun streams of all callers together.",
            (s, text) => Whole(text, 1) is { } most ? s.Set(s.Serve with { Limits = s.Serve.Limits with { MaxRunWatches = most } }) : NoWhole(text, 1)),
        new("max_event_watches", "streams, at least 1", "500", "Open WatchRunEvents streams of all callers together; each reads the database by itself.",
            (s, text) => Whole(text, 1) is { } most ? s.Set(s.Serve with { Limits = s.Serve.Limits with { MaxEventWatches = most } }) : NoWhole(text, 1)),
        new("max_file_streams", "streams, at least 1", "500", "Open StreamLogs streams, and open DownloadArtifact streams, of all callers together.",
            (s, text) => Whole(text, 1) is { } most ? s.Set(s.Serve with { Limits = s.Serve.Limits with { MaxFileStreams = most } }) : NoWhole(text, 1)),
        new("max_connection_streams", "streams, at least 1", "900", "Open streams of all kinds on one connection; it takes 100 calls beside them.",
            (s, text) => Whole(text, 1) is { } most ? s.Set(s.Serve with { Limits = s.Serve.Limits with { MaxConnectionStreams = most } }) : NoWhole(text, 1)),
        new("reader_patience", "duration", "1m", "How long what is sent waits for a caller who does not read; then his call is cut off.",
            (s, text) => Span(text) is { } span ? s.Set(s.Serve with { Limits = s.Serve.Limits with { ReaderPatience = span } }) : NoSpan(text)),
        new("unary_timeout", "duration", "1m", "How long a call that is no stream may take whose caller names no deadline.",
            (s, text) => Span(text) is { } span ? s.Set(s.Serve with { Limits = s.Serve.Limits with { UnaryTimeout = span } }) : NoSpan(text)),
        new("max_unary_timeout", "duration", "5m", "How long a call that is no stream may take, whatever deadline its caller names.",
            (s, text) => Span(text) is { } span ? s.Set(s.Serve with { Limits = s.Serve.Limits with { MaxUnaryTimeout = span } }) : NoSpan(text)),
        new("command_patience", "duration", "20s", "How long a command waits for the database before it is answered UNAVAILABLE.",
            (s, text) => Span(text) is { } span ? s.Set(s.Serve with { Limits = s.Serve.Limits with { CommandPatience = span } }) : NoSpan(text)),
    ];

    /// <summary>The table of the documentation.</summary>
    public static string Table() => Table(All);

    /// <summary>A table of settings for the documentation.</summary>
    public static string Table(IEnumerable<ServerSetting> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var table = new StringBuilder("| setting | variable | value | default | effect |\n|---|---|---|---|---|\n");
        foreach (var setting in settings)
            table.Append(CultureInfo.InvariantCulture, $"| `{setting.Name}` | `{setting.Variable}` | {setting.Unit} | {setting.Default} | {setting.Effect} |\n");
        return table.ToString();
    }

    /// <summary>Reads settings. Everything that is wrong is told at once.</summary>
    /// <param name="commandLine">By name.</param>
    /// <param name="environment">Variables by name, all that there are.</param>
    /// <param name="file">By name; null: there is no file.</param>
    /// <exception cref="HostStartException">Something is wrong.</exception>
    public static ServerSettings Read(
        IReadOnlyDictionary<string, string> commandLine, IEnumerable<KeyValuePair<string, string>> environment, IReadOnlyDictionary<string, string>? file)
    {
        var problems = new List<string>();
        var settings = Read(commandLine, environment, file, problems);
        return problems.Count == 0 ? settings : throw new HostStartException(
            StartProblem.Settings, $"The settings are wrong: {string.Join("; ", problems)}.", "docs/server.md tells what each of them takes.");
    }

    /// <summary>The same for a host with settings of its own beside these: it tells what is wrong with all of them.</summary>
    /// <param name="commandLine">By name.</param>
    /// <param name="environment">Variables by name, all that there are but those of the host's own settings.</param>
    /// <param name="file">By name; null: there is no file.</param>
    /// <param name="problems">What is wrong is added here. While there is something, the settings are of no use.</param>
    public static ServerSettings Read(
        IReadOnlyDictionary<string, string> commandLine, IEnumerable<KeyValuePair<string, string>> environment, IReadOnlyDictionary<string, string>? file,
        ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(commandLine);
        ArgumentNullException.ThrowIfNull(problems);
        var settings = new ServerSettings();
        var variables = environment.Where(variable => variable.Key.StartsWith("ORLEANSFLOW_", StringComparison.Ordinal)).ToDictionary();
        foreach (var unknown in variables.Keys.Where(name => All.All(setting => setting.Variable != name)).Order(StringComparer.Ordinal))
            problems.Add($"{unknown}: there is no such setting.{DidYouMean.Hint(unknown, All.Select(setting => setting.Variable))}");
        foreach (var unknown in (file?.Keys ?? []).Where(name => All.All(setting => setting.Name != name)).Order(StringComparer.Ordinal))
            problems.Add($"{unknown} in the file: there is no such setting.{DidYouMean.Hint(unknown, All.Select(setting => setting.Name))}");
        foreach (var setting in All)
        {
            var (where, value) = commandLine.TryGetValue(setting.Name, out var given) ? ($"--{setting.Name.Replace('_', '-')}", given)
                : variables.TryGetValue(setting.Variable, out given) ? (setting.Variable, given)
                : file is not null && file.TryGetValue(setting.Name, out given) ? ($"{setting.Name} in the file", given)
                : ("", null);
            if (value is not null && setting.Apply(settings, value) is { } problem) problems.Add($"{where}: {problem}");
        }

        if (settings.Serve.Port != 0 && settings.Serve.Port == settings.Serve.HttpPort)
            problems.Add($"port and http_port are both {settings.Serve.Port}: without TLS one port cannot speak both protocols");
        settings.CheckAccess(problems);
        if (settings.Host is { StandBy: true, ConnectionString: null }) problems.Add("standby needs a connection_string: hosts take turns on one PostgreSQL that they all reach");
        return settings;
    }

    private void CheckAccess(ICollection<string> problems)
    {
        if (_insecure && _tokenFile is not null) problems.Add("insecure and token_file exclude each other");
        if (!IPAddress.IsLoopback(Serve.Address) && !_insecure && _tokenFile is null)
            problems.Add($"address {Serve.Address} can be reached by others: name a token_file, or say insecure if everybody who reaches it may run commands here");
    }

    private string? Set(FlowHostOptions host)
    {
        Host = host;
        return null;
    }

    private string? Set(ServeOptions serve)
    {
        Serve = serve;
        return null;
    }

    private string? UseDatabase(string connectionString)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connectionString);
            return Set(Host with { ConnectionString = connectionString });
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            // its text names the keyword, never the values, which may be secret
            return $"it is no connection string of Npgsql: {wrong.Message.Split(" (Parameter")[0]}; write Host=db;Database=flow;Username=flow";
        }
    }

    private string? UseInsecure(bool insecure)
    {
        _insecure = insecure;
        return insecure ? Set(Serve with { Tokens = TokenBook.Open }) : null;
    }

    private string? UseNames(string[] names) => names.FirstOrDefault(name => Uri.CheckHostName(name) is UriHostNameType.Unknown) is { } wrong
        ? $"'{wrong}' is no name of a host: write it without a scheme, a path and a port"
        : Set(Serve with { AllowedHosts = [.. names.Select(name => Uri.CheckHostName(name) == UriHostNameType.IPv6 && name[0] != '[' ? $"[{name}]" : name)] });

    private string? UseTokens(string path)
    {
        _tokenFile = path;
        var problems = new List<string>();
        try
        {
            const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & others) != 0) return $"{path} can be read or changed by others: chmod 640 {path}";
            return TokenBook.Parse(File.ReadLines(path), problems) is { } tokens
                ? Set(Serve with { Tokens = tokens })
                : $"{path}: {string.Join(", ", problems)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {e.Message}";
        }
    }

    private static int? Port(string text) => Whole(text, 0) is { } port and <= 65535 ? port : null;

    private static string NoPort(string text) => $"'{text}' is no port: 0 to 65535";

    private static int? Whole(string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least ? number : null;

    private static string NoWhole(string text, int least) =>
        string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a whole number of at least {least}");

    private static TimeSpan? Span(string text) => Duration.TryParse(text, out var span, out _) && span > TimeSpan.Zero ? span : null;

    private static string NoSpan(string text) => $"'{text}' is no duration, such as 500ms, 30s or 5m";
}
