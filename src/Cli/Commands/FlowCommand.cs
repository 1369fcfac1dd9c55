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

    /// <summary>The tree of commands.</summary>
    public static RootCommand Build(CliServices services, GlobalOptions globals)
    {
        var root = new RootCommand("Runs DAGs of tasks durably, survives what happens meanwhile, and shows what happened.");
        foreach (var option in root.Options.OfType<VersionOption>().ToList()) root.Options.Remove(option);
        foreach (var option in globals.All) root.Add(option);
        var create = new CommandFactory(globals, services);
        root.Add(RunCommand.Build(create));
        root.Add(ValidateCommand.Build(create));
        root.Add(SchemaCommand.Build(create));
        root.Add(DagsCommands.Build(create));
        root.Add(RunsCommands.Build(create));
        root.Add(TasksCommands.Build(create));
        root.Add(LogsCommand.Build(create));
        root.Add(WhyCommand.Build(create));
        root.Add(PoolsCommands.Build(create));
        root.Add(ClusterCommands.Build(create));
        root.Add(DevCommand.Build(create));
        root.Add(ServerCommand.Build(create));
        root.Add(ContextCommands.Build(create));
        root.Add(CompletionCommand.Build(create));
        root.Add(MigrateCommand.Build(create));
        root.Add(VersionCommand.Build(create));
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
            var parsed = Build(services, globals).Parse(args, Configuration);
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
