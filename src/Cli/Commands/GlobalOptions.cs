using System.CommandLine;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Cli.Terminal;
using OrleansFlow.Domain.Durations;

namespace OrleansFlow.Cli.Commands;

/// <summary>The options that every command has.</summary>
internal sealed class GlobalOptions
{
    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "Format of the result.",
        HelpName = "json|yaml|table",
        Recursive = true,
        DefaultValueFactory = _ => "table",
    };

    private readonly Option<string?> _dataFolder = new("--data-dir")
    {
        Description = "Folder of the engine's data (default: FLOW_DATA_DIR, else a folder of the user's).",
        HelpName = "folder",
        Recursive = true,
    };

    private readonly Option<string?> _server = new("--server")
    {
        Description = "A server to work against (default: FLOW_SERVER, else the current context, else who serves the data folder).",
        HelpName = "address",
        Recursive = true,
    };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = "A file with the one token to show the server (default: FLOW_TOKEN_FILE, else that of the context).",
        HelpName = "file",
        Recursive = true,
    };

    private readonly Option<string?> _context = new("--context")
    {
        Description = "A server by the name that 'flow context add' gave it; local: none.",
        HelpName = "name",
        Recursive = true,
    };

    private readonly Option<string?> _patience = new("--patience")
    {
        Description = "How long a command that follows a run waits for a server that went away, such as 10m (default: for ever).",
        HelpName = "duration",
        Recursive = true,
    };

    private readonly Option<bool> _noColor = new("--no-color") { Description = "No colours (also: NO_COLOR).", Recursive = true };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Only results and errors.", Recursive = true };

    private readonly Option<bool> _verbose = new("--verbose", "-v")
    {
        Description = "Details, also of unexpected errors.",
        Recursive = true,
    };

    public GlobalOptions()
    {
        string[] formats = ["json", "yaml", "table"];
        _output.CompletionSources.Add(formats);
        _output.Validators.Add(result =>
        {
            foreach (var given in result.Tokens.Where(token => !formats.Contains(token.Value)))
                result.AddError($"--output: '{given.Value}' is not one of {string.Join(", ", formats)}");
        });
    }

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [_output, _dataFolder, _server, _tokenFile, _context, _patience, _noColor, _quiet, _verbose];

    /// <summary>Whether details were asked for; also of a command line that is wrong otherwise.</summary>
    public bool IsVerbose(ParseResult args) => args.GetResult(_verbose) is { Implicit: false };

    /// <summary>What a command works with.</summary>
    public Invocation Bind(ParseResult args, CliServices services)
    {
        var screen = services.Screen;
        var color = !args.GetValue(_noColor);
        var verbosity = args.GetValue(_quiet) ? Verbosity.Quiet : args.GetValue(_verbose) ? Verbosity.Verbose : Verbosity.Normal;
        var messages = new Messages(screen.Error, verbosity, new Paint(color && screen.WantsColor(screen.ErrorIsTerminal)));
        var format = args.GetValue(_output) switch
        {
            "json" => OutputFormat.Json,
            "yaml" => OutputFormat.Yaml,
            _ => OutputFormat.Table,
        };
        var output = new OutputWriter(screen.Out, format, new Paint(color && screen.WantsColor(screen.OutIsTerminal)));
        var postgres = screen.Environment("FLOW_POSTGRES");
        var choice = new ServerChoice(args.GetValue(_server), args.GetValue(_tokenFile), args.GetValue(_context), args.GetValue(_dataFolder));
        var engine = new EngineOptions(args.GetValue(_dataFolder), string.IsNullOrEmpty(postgres) ? null : postgres, messages, services.Interrupts.Hurry)
        {
            FindServer = () => choice.Find(screen.Environment),
            TokenFile = choice.Token(screen.Environment),
            Patience = ReadPatience(args.GetValue(_patience)),
            Time = screen.Time,
        };
        return new Invocation(services, output, messages, engine, choice);
    }

    private static TimeSpan ReadPatience(string? text) => text is null ? Timeout.InfiniteTimeSpan
        : Duration.TryParse(text, out var patience, out var problem) ? patience
        : throw CliException.Invalid($"--patience: {problem}");
}
