using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Tests.Unit.Cli.Fakes;

/// <summary>Calls <c>flow</c> on a fake engine.</summary>
internal sealed class CommandLine(FakeEngines engines)
{
    public static readonly DateTimeOffset Now = Sample.Start.AddHours(3);

    private int _requests;

    public Interrupts Interrupts { get; } = new(() => throw new InvalidOperationException("left at once"));

    public StringWriter Out { get; } = new() { NewLine = "\n" };

    public StringWriter Error { get; } = new() { NewLine = "\n" };

    public TextWriter? OutInstead { get; init; }

    public bool Terminal { get; init; }

    public Func<string, string?> Environment { get; init; } = _ => null;

    /// <summary>In place of the fake, for servers.</summary>
    public IEngineAccess? Engines { get; init; }

    public CliServices Services => new()
    {
        Screen = new Screen
        {
            Out = OutInstead ?? Out,
            Error = Error,
            OutIsTerminal = Terminal,
            User = "ann",
            Environment = Environment,
            Time = new StillTime(Now),
        },
        Engines = Engines ?? engines,
        Interrupts = Interrupts,
        NewSuffix = () => "zzzzz",
        NewRequestId = () => $"request-{++_requests}",
    };

    public Task<int> InvokeAsync(params string[] args) => FlowCommand.InvokeAsync(args, Services);
}
