namespace OrleansFlow.Cli.Servers;

/// <summary>
/// Which server a command works against. Options go before the environment, that before the current context; a data folder or a database
/// that is named at the same rank keeps the command local.
/// </summary>
/// <param name="Server"><c>--server</c>.</param>
/// <param name="TokenFile"><c>--token-file</c>.</param>
/// <param name="Context"><c>--context</c>.</param>
/// <param name="DataFolder"><c>--data-dir</c>.</param>
internal sealed record ServerChoice(string? Server, string? TokenFile, string? Context, string? DataFolder)
{
    /// <summary>The server; null when none is named: whoever serves the data folder, or this process.</summary>
    /// <exception cref="CliException">What is named does not exist or makes no sense.</exception>
    public ServerAddress? Find(Func<string, string?> environment)
    {
        if (Server is not null && Context is not null) throw CliException.Invalid("--server and --context name a server each; keep one of them");
        if (DataFolder is not null && (Server is not null || Context is not (null or Contexts.Local)))
            throw CliException.Invalid($"{(Server is null ? "--context" : "--server")} and --data-dir name an engine each; keep one of them");
        if (Server is not null) return Checked(Server, Token(environment), "--server");
        if (Context is not null) return OfContext(Context, "--context", new ContextFile(environment), environment);
        if (DataFolder is not null) return null;
        if (Value(environment, "FLOW_SERVER") is { } server) return Checked(server, Token(environment), "FLOW_SERVER");
        if (Value(environment, "FLOW_DATA_DIR") is not null || Value(environment, "FLOW_POSTGRES") is not null) return null;
        var file = new ContextFile(environment);
        return file.Read().Current is { } current ? OfContext(current, "the current context", file, environment) : null;
    }

    /// <summary>The variable that is set and goes before the current context; null when none is.</summary>
    public static string? FindBeforeContext(Func<string, string?> environment) => Before.FirstOrDefault(name => Value(environment, name) is not null);

    private static readonly string[] Before = ["FLOW_SERVER", "FLOW_DATA_DIR", "FLOW_POSTGRES"];

    /// <summary>
    /// What another command needs at its end to mean the same engine, as a shell reads it: the options of this command line. What the environment or
    /// the current context says it finds itself.
    /// </summary>
    public string Options => Option("--server", Server) + Option("--token-file", TokenFile) + Option("--context", Context) + Option("--data-dir", DataFolder);

    /// <summary>For commands that work on a data folder or a database themselves.</summary>
    /// <exception cref="CliException">The command line names a server.</exception>
    public void RefuseServer(string command)
    {
        var option = Server is not null ? "--server" : Context is not (null or Contexts.Local) ? "--context" : null;
        if (option is not null) throw CliException.Invalid($"flow {command} works on a data folder or a database itself, never by a server: leave out {option}");
    }

    private ServerAddress? OfContext(string name, string origin, ContextFile file, Func<string, string?> environment)
    {
        if (name == Contexts.Local) return null;
        var contexts = file.Read();
        var context = contexts.Find(name) ?? throw CliException.Invalid(
            $"there is no context '{name}'; {(contexts.All.Count == 0 ? "'flow context add' makes one" : $"there are: {string.Join(", ", contexts.All.Select(c => c.Name))}")}");
        return Checked(context.Server, TokenFile ?? context.TokenFile ?? Value(environment, "FLOW_TOKEN_FILE"), $"{origin} '{name}'");
    }

    /// <summary>The file with the token that is named for whichever server it is; null: none is.</summary>
    public string? Token(Func<string, string?> environment) => TokenFile ?? Value(environment, "FLOW_TOKEN_FILE");

    private static ServerAddress Checked(string address, string? tokenFile, string origin) =>
        ServerAddress.Problem(address, tokenFile) is { } problem ? throw CliException.Invalid($"{origin}: {problem}") : new ServerAddress(address, tokenFile, origin);

    private static string Option(string name, string? value)
    {
        if (value is null) return "";
        var isPlain = value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || "_./:@%+=,-".Contains(c, StringComparison.Ordinal));
        return isPlain ? $" {name} {value}" : $" {name} '{value.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    private static string? Value(Func<string, string?> environment, string name) => environment(name) is { Length: > 0 } value ? value : null;
}
