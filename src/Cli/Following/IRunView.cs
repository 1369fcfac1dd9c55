using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Following;

/// <summary>Shows a run while it goes on.</summary>
internal interface IRunView
{
    /// <summary>Shows updates until there are no more; returns the last one's run.</summary>
    Task<RunDetail> ShowAsync(IAsyncEnumerable<RunUpdate> updates);
}

/// <summary>Chooses how a run is shown.</summary>
internal static class RunViews
{
    /// <summary>A live table when people look on, plain lines elsewhere, nothing when quiet.</summary>
    public static IRunView Choose(Invocation flow, IEngineReader engine)
    {
        var live = flow.Screen.ErrorIsTerminal && flow.Messages.Verbosity > Terminal.Verbosity.Quiet && flow.Screen.Environment("TERM") != "dumb";
        return live ? new LiveRunView(flow, engine.Logs) : new PlainRunView(flow.Messages);
    }
}
