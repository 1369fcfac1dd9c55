using System.CommandLine;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Cli.Commands;

/// <summary>One call of a command: where its results and messages go, and how it comes by an engine.</summary>
internal sealed class Invocation(CliServices services, OutputWriter output, Messages messages, EngineOptions engine, ServerChoice server)
{
    /// <summary>Results.</summary>
    public OutputWriter Output => output;

    /// <summary>Progress and messages.</summary>
    public Messages Messages => messages;

    /// <summary>Streams, environment and time.</summary>
    public Screen Screen => services.Screen;

    /// <summary>Ctrl-C.</summary>
    public Interrupts Interrupts => services.Interrupts;

    /// <summary>The time.</summary>
    public DateTimeOffset Now => services.Screen.Time.GetUtcNow();

    /// <summary>Random characters for the id of a run.</summary>
    public string NewSuffix() => services.NewSuffix();

    /// <summary>The server as the command line names it.</summary>
    public ServerChoice Server => server;

    /// <summary>Where the user keeps the names of servers.</summary>
    public ContextFile Contexts => new(services.Screen.Environment);

    /// <summary>The engine of the server that is meant; else hosts one in this process until it is disposed.</summary>
    public Task<IEngine> HostAsync(CancellationToken cancellation) => services.Engines.HostAsync(engine, cancellation);

    /// <summary>Opens rows and logs for reading.</summary>
    public Task<IEngineReader> ReadAsync(CancellationToken cancellation) => services.Engines.ReadAsync(engine, cancellation);

    /// <summary>Opens the rows of a data folder or a database itself, whoever serves them.</summary>
    public Task<IEngineReader> ReadOwnAsync(CancellationToken cancellation) => services.Engines.ReadOwnAsync(engine, cancellation);

    /// <summary>The version of the database schema that this program works with.</summary>
    public int SchemaVersion => services.Engines.SchemaVersion;
}

/// <summary>What a command does: returns one of <see cref="ExitCode"/>.</summary>
internal delegate Task<int> CommandBody(ParseResult args, Invocation flow, CancellationToken cancellation);

/// <summary>How commands are put together.</summary>
internal sealed class CommandFactory(GlobalOptions globals, CliServices services)
{
    /// <summary>A command with what it takes, in the order of its help.</summary>
    public Command Create(string name, string description, IEnumerable<Symbol> takes, CommandBody body)
    {
        var command = new Command(name, description);
        foreach (var symbol in takes)
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        command.SetAction((args, cancellation) => body(args, globals.Bind(args, services), cancellation));
        return command;
    }

    /// <summary>A command that only holds others.</summary>
    public static Command Group(string name, string description, params IEnumerable<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands) group.Add(command);
        return group;
    }
}
