using System.Runtime.CompilerServices;
using System.Threading.Channels;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Client;
using OrleansFlow.Client.Following;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Remote;

/// <summary>Follows a run by two streams of its server, of its states and of its history, as one.</summary>
internal sealed class RemoteRunFeed(FlowClient client, RemoteLogs logs)
{
    /// <summary>How much history a reader that is slow lets come before the server has to wait.</summary>
    private const int MostPending = 1000;

    /// <summary>How many task instances a small run has.</summary>
    private const int SmallRun = 100;

    private readonly RunPicture _picture = new(logs);
    private volatile RunSnapshot? _latest;
    private long _told;

    /// <summary>Looks at a run until it has ended; the last update shows it ended, with all its events told.</summary>
    public async IAsyncEnumerable<RunUpdate> FollowAsync(RunId run, HistoryPlace from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var events = Channel.CreateBounded<HistoryEntry>(MostPending);
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var work = WatchAsync(run, from, events.Writer, changed.Writer, stop.Token);
        try
        {
            while (await changed.Reader.WaitToReadAsync(cancellation))
                if (changed.Reader.TryRead(out _) && _latest is { } latest)
                    yield return Update(latest, events.Reader);
            yield return Update(_latest!, events.Reader);
        }
        finally
        {
            await stop.CancelAsync();
            await work;
        }
    }

    /// <summary>Both streams until both have ended, or one has failed: then the reader is told at once. Throws nothing itself.</summary>
    private async Task WatchAsync(
        RunId run, HistoryPlace from, ChannelWriter<HistoryEntry> events, ChannelWriter<bool> changed, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(
                TellFailureAsync(WatchStatesAsync(run, changed, cancellation), changed),
                TellFailureAsync(WatchEventsAsync(run, from, events, changed, cancellation), changed));
            changed.TryComplete();
        }
#pragma warning disable CA1031 // the reader was told
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private static async Task TellFailureAsync(Task stream, ChannelWriter<bool> changed)
    {
        try
        {
            await stream;
        }
        catch (Exception error)
        {
            changed.TryComplete(error);
            throw;
        }
    }

    private async Task WatchStatesAsync(RunId run, ChannelWriter<bool> changed, CancellationToken cancellation)
    {
        await foreach (var snapshot in client.WatchRunAsync(run, cancellation: cancellation))
        {
            _latest = snapshot;
            changed.TryWrite(true);
        }
    }

    private async Task WatchEventsAsync(
        RunId run, HistoryPlace from, ChannelWriter<HistoryEntry> events, ChannelWriter<bool> changed, CancellationToken cancellation)
    {
        var query = new EventQuery { Cursor = from.Cursor, FromNow = from.FromNow };
        await foreach (var happened in client.WatchEventsAsync(run, query, cancellation))
        {
            // told before, by whoever hosted the engine then
            if (happened.Sequence <= from.After) continue;
            await events.WriteAsync(RunMapping.Entry(happened), cancellation);
            changed.TryWrite(true);
        }
    }

    /// <summary>Of small runs all that will be shown in the end is made while they run; of large ones only what is asked for.</summary>
    private RunUpdate Update(RunSnapshot latest, ChannelReader<HistoryEntry> events)
    {
        var taken = new List<HistoryEntry>();
        while (events.TryRead(out var entry)) taken.Add(entry);
        if (taken.Count > 0) _told = Math.Max(_told, taken.Max(entry => entry.Sequence));
        var detail = new Lazy<RunDetail>(() => _picture.Of(latest));
        if (latest.Tasks.Count <= SmallRun) _ = detail.Value;
        return new RunUpdate(RunMapping.Run(latest.Run), detail, taken, new HistoryPlace(_told));
    }
}
