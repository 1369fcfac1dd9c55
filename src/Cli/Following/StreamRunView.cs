using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Following;

/// <summary>One document on standard output for everything that happens.</summary>
internal sealed class StreamRunView(OutputWriter output) : IRunView
{
    /// <inheritdoc/>
    public async Task<RunDetail> ShowAsync(IAsyncEnumerable<RunUpdate> updates)
    {
        RunUpdate? last = null;
        await foreach (var update in updates)
        {
            foreach (var entry in update.Events) output.Next(entry, EventDocument.Shape, e => PlainRunView.Line(e.Event));
            last = update;
        }

        return last!.Detail;
    }
}
