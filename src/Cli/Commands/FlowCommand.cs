using System.CommandLine;
using System.CommandLine.Parsing;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Cli.Terminal;
using OrleansFlow.Client.Errors;

namespace OrleansFlow.Cli.Commands;

/// <summary>The command line <c>flow</c>: its tree, and what becomes of errors.</summary>
internal static class FlowCommand
{
    /// <summary><c>@latest</c> is a run, not a file of further arguments.</summary>
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null };

    private static readonly (string Name, Func<CommandFactory, Command> Build)[] Commands =
    [
        ("run", RunCommand.Build),
        ("validate", ValidateCommand.Build),
        ("schema", SchemaCommand.Build),
        ("dags", DagsCommands.Build),
        ("runs", RunsCommands.Build),
        ("tasks", TasksCommands.Build),
        ("logs", LogsCommand.Build),
        ("why", WhyCommand.Build),
        ("pools", PoolsCommands.Build),
        ("cluster", ClusterCommands.Build),
        ("dev", DevCommand.Build),
        ("server", ServerCommand.Build),
        ("context", ContextCommands.Build),
        ("completion", CompletionCommand.Build),
        ("migrate", MigrateCommand.Build),
        ("version", VersionCommand.Build),
    ];

    /// <summary>The tree of commands.</summary>
    /// <param name="services">What they are made of.</param>
    /// <param name="globals">The options of all.</param>
    /// <param name="only">The branch that is needed, since making all of them takes a process that has just started a while; null: all.</param>
    public static RootCommand Build(CliServices services, GlobalOptions globals, string? only = null)
    {
        var root = new RootCommand("Runs DAGs of tasks durably, survives what happens meanwhile, and shows what happened.");
        foreach (var option in root.Options.OfType<VersionOption>().ToList()) root.Options.Remove(option);
        foreach (var option in globals.All) root.Add(option);
        var create = new CommandFactory(globals, services);
        foreach (var (name, build) in Commands)
            if (only is null || only == name)
                root.Add(build(create));
        return root;
    }

    /// <summary>Parses and runs a command line; returns one of <see cref="ExitCode"/> and throws nothing.</summary>
    public static async Task<int> InvokeAsync(IReadOnlyList<string> args, CliServices services)
    {
        var globals = new GlobalOptions();
        var screen = services.Screen;
        var verbose = false;
        try
        {
            var branch = args.Count > 0 && Array.Exists(Commands, command => command.Name == args[0]) ? args[0] : null;
            var parsed = Build(services, globals, branch).Parse(args, Configuration);
            verbose = globals.IsVerbose(parsed);
            var code = await InvokeAsync(parsed, services);
            await screen.Out.FlushAsync(CancellationToken.None);
            return code;
        }
        catch (ReaderGoneException)
        {
            return ExitCode.Success;
        }
        catch (CliException refused)
        {
            return Tell(screen, refused.Message, refused, refused.ExitCode, verbose && refused.InnerException is not null);
        }
        catch (FlowException refused)
        {
            return Tell(screen, RemoteErrors.MessageOf(refused), refused, RemoteErrors.CodeOf(refused), verbose);
        }
        catch (OperationCanceledException) when (services.Interrupts.Asked.IsCancellationRequested)
        {
            await screen.Out.FlushAsync(CancellationToken.None);
            return services.Interrupts.ExitCode;
        }
#pragma warning disable CA1031 // the last resort: whatever it is, people get one line and a way to learn more
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            var line = $"{OneLine(unexpected.Message)}{(verbose ? "" : " (-v shows details)")}";
            return Tell(screen, line, unexpected, ExitCode.Unavailable, verbose);
        }
    }

    private static Task<int> InvokeAsync(ParseResult parsed, CliServices services)
    {
        var screen = services.Screen;
        if (parsed.Tokens.Count == 0)
        {
            parsed.RootCommandResult.Command.Parse(["--help"]).Invoke(Streams(screen));
            return Task.FromResult(ExitCode.Invalid);
        }

        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction && !CompletionCommand.IsAsked(parsed))
        {
            foreach (var error in parsed.Errors) screen.Error.WriteLine($"flow: {OneLine(error.Message)}");
            screen.Error.WriteLine($"'{CommandPath(parsed)} --help' shows what it takes.");
            return Task.FromResult(ExitCode.Invalid);
        }

        if (parsed.Action is not System.CommandLine.Help.HelpAction && !CompletionCommand.IsAsked(parsed) && FindEmpty(parsed) is { } name)
            throw CliException.Invalid($"{name}: the text given is empty; write {(name.StartsWith('-') ? "a value, or leave the option out" : "what is meant")}");
        return parsed.InvokeAsync(Streams(screen), services.Interrupts.Asked);
    }

    /// <summary>An option or argument that is given an empty text, such as of a variable that is not set; null when none is.</summary>
    private static string? FindEmpty(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = command.Parent)
            foreach (var given in command.Children)
                if (given.Tokens.Any(token => token.Value.Length == 0))
                    return given is OptionResult option ? option.Option.Name : (given as ArgumentResult)?.Argument.Name;
        return null;
    }

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[])['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static InvocationConfiguration Streams(Screen screen) => new()
    {
        Output = screen.Out,
        Error = screen.Error,
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
            names.Push(result.Command is RootCommand ? "flow" : result.Command.Name);
        return string.Join(' ', names);
    }

    private static int Tell(Screen screen, string message, Exception exception, int code, bool details)
    {
        screen.Error.WriteLine($"flow: {message}");
        if (details) screen.Error.WriteLine(exception.ToString());
        return code;
    }
}
