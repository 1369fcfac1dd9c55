using System.Globalization;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>
/// Takes out what nobody needs any more, now and then: files of attempts that no row points to, and logs whose time is over. It never
/// fails the host: what goes wrong is told, and tried again the next time.
/// </summary>
/// <param name="store">Says what is still needed.</param>
/// <param name="artifacts">Swept.</param>
/// <param name="logs">Swept, when there is a retention.</param>
/// <param name="logRetention">How long logs are kept after the end of their run; null: for ever.</param>
/// <param name="time">Paces it.</param>
/// <param name="chance">From 0 to 1: spreads the start of hosts that start together.</param>
/// <param name="journal">Hears of it.</param>
internal sealed class Housekeeping(
    IStateReader store, IArtifactStore artifacts, ILogRetention logs, TimeSpan? logRetention, TimeProvider time, Func<double> chance, HostJournal journal)
{
    /// <summary>How old a prefix must be that no row points to: nobody stages for so long.</summary>
    public static readonly TimeSpan PrefixAge = TimeSpan.FromHours(24);

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until the host stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await Task.Delay(FirstAfter * (1 + (2 * chance())), time, stopping);
            while (true)
            {
                await TryAsync("artifacts", () => SweepArtifactsAsync(stopping), stopping);
                await TryAsync("logs", () => RemoveLogsAsync(stopping), stopping);
                await Task.Delay(Every, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task SweepArtifactsAsync(CancellationToken stopping) => Tell("artifact", await artifacts.SweepAsync(
        PrefixAge,
        async (prefixes, cancellation) =>
        {
            await Task.Delay(Breath, time, cancellation);
            return await store.ReadReferencedAsync(prefixes, cancellation);
        },
        stopping));

    private async Task RemoveLogsAsync(CancellationToken stopping)
    {
        if (logRetention is not { } kept) return;
        var before = time.GetUtcNow() - kept;
        Tell("log", await logs.RemoveAsync(
            before,
            async (runs, cancellation) =>
            {
                await Task.Delay(Breath, time, cancellation);
                return await store.ReadEndedRunsAsync(runs, before, cancellation);
            },
            stopping));
    }

    private async Task TryAsync(string what, Func<Task> work, CancellationToken stopping)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (StoreException e)
        {
            journal.Note("housekeeping", $"{what} are left for the next time: {e.Message}");
        }
        catch (Exception e)
        {
            journal.Note("housekeeping", $"{what}: {e}");
            journal.Say($"Old {what} could not be removed: {e.Message} It is tried again within an hour.");
        }
    }

    private void Tell(string what, SweepReport report)
    {
        if (report.Removed > 0)
            journal.Note("housekeeping", string.Create(CultureInfo.InvariantCulture, $"removed {report.Removed} {what} folders of {report.Bytes} bytes"));
    }
}
