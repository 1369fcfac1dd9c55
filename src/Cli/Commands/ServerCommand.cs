using System.Collections;
using System.CommandLine;
using OrleansFlow.Cli.Embedded;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow server</c>: the same as <c>flow dev</c>, set up for production.</summary>
internal static class ServerCommand
{
    public static Command Build(CommandFactory create)
    {
        var config = new Option<string?>("--config") { Description = "A YAML file of settings; docs/server.md lists them.", HelpName = "file" };
        (string Setting, Option<string?> Option)[] options =
        [
            ("address", Text("--address", "IP address to listen on (default: 127.0.0.1).", "address")),
            ("port", Text("--port", "Port of gRPC (default: 8233).", "port")),
            ("http_port", Text("--http-port", "Port of JSON over HTTP/1.1 (default: 8234).", "port")),
            ("token_file", Text("--token-file", "File of the tokens that are let in: ROLE NAME TOKEN on each line. (Of other commands it is the token to show.)", "file")),
        ];
        var insecure = new Option<bool>("--insecure") { Description = "Let everybody who reaches the server do everything." };
        var standby = new Option<bool>("--standby") { Description = "Take turns with other servers of the same PostgreSQL: wait until the one in charge dies, hangs or leaves." };
        return create.Create(
            "server", "Serves the API for production: settings by ORLEANSFLOW_* variables and a YAML file.",
            [config, .. options.Select(option => option.Option), insecure, standby],
            (args, flow, cancellation) => EmbeddedEngines.ExplainAsync(() =>
            {
                if (flow.Server.TokenFile is not null)
                    throw CliException.Invalid("--token-file before 'server' is the token that commands show to a server; the file of the tokens that it lets in goes after 'server'");
                var given = options.Where(option => args.GetValue(option.Option) is not null)
                    .ToDictionary(option => option.Setting, option => args.GetValue(option.Option)!, StringComparer.Ordinal);
                if (args.GetValue(insecure)) given["insecure"] = "true";
                if (args.GetValue(standby)) given["standby"] = "true";
                ServeCommand.RefuseWhatDoesNotCount(flow, "server");
                var settings = Read(flow.Engine, given, Variables(), args.GetValue(config) is { } path ? SettingsFile.Read(path) : []);
                return ServeCommand.ServeAsync(flow, settings.Host with { Hurry = flow.Interrupts.Hurry, Measured = true }, settings.Serve, cancellation);
            }));
    }

    /// <summary>The settings, with what every command takes: --data-dir on the command line, and FLOW_POSTGRES when nothing else names a database.</summary>
    internal static ServerSettings Read(
        EngineOptions engine, Dictionary<string, string> given, IEnumerable<KeyValuePair<string, string>> variables, Dictionary<string, string> file)
    {
        if (engine.DataFolder is { } folder) given["data_dir"] = folder;
        if (engine.ConnectionString is { } database) file.TryAdd("connection_string", database);
        return ServerSettings.Read(given, variables, file);
    }

    private static Option<string?> Text(string name, string description, string value) => new(name) { Description = description, HelpName = value };

    private static IEnumerable<KeyValuePair<string, string>> Variables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));
}
