using System.CommandLine;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Cli.Terminal;
using OrleansFlow.Domain.History;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

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

    /// <summary>Which data folder and database the command line and the environment name.</summary>
    public EngineOptions Engine => engine;

    /// <summary>Ctrl-C.</summary>
    public Interrupts Interrupts => services.Interrupts;

    /// <summary>The time.</summary>
    public DateTimeOffset Now => services.Screen.Time.GetUtcNow();

    /// <summary>Random characters for the id of a run.</summary>
    public string NewSuffix() => services.NewSuffix();

    /// <summary>The server as the command line names it.</summary>
    public ServerChoice Server => server;

    /// <summary>Another command as the user would type it, for the same engine.</summary>
    public string Command(string words) => $"flow {words}{server.Options}";

    /// <summary>Where the user keeps the names of servers.</summary>
    public ContextFile Contexts => new(services.Screen.Environment);

    /// <summary>Who gives a command: the user, by a new request.</summary>
    /// <param name="why">Why, in the user's words; null: nobody says.</param>
    public Origin NewOrigin(string? why = null) => new(Screen.User, RequestId: services.NewRequestId(), Why: why);

    /// <summary>The engine of the server that is meant; else hosts one in this process until it is disposed.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="first">See <see cref="EngineOptions.First"/>.</param>
    public async Task<IEngine> HostAsync(CancellationToken cancellation, Func<IPeers, IQueries, CancellationToken, Task>? first = null)
    {
        var hosted = await services.Engines.HostAsync(engine with { First = first }, cancellation);
        if (hosted.Server is null) Interrupts.Host();
        return hosted;
    }

    /// <summary>The engine of the server that is meant; null: one would be hosted in this process.</summary>
    public IServerEngine? FindServer() => services.Engines.FindServer(engine);

    /// <summary>Brings the database to this program's schema.</summary>
    public Task MigrateAsync(CancellationToken cancellation) => services.Engines.MigrateAsync(engine, cancellation);

    /// <summary>Opens rows and logs for reading.</summary>
    public Task<IEngineReader> ReadAsync(CancellationToken cancellation) => services.Engines.ReadAsync(engine, cancellation);

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
