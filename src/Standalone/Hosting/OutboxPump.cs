using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.TaskRuntime.Contract;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>
/// Delivers callbacks from the outbox, at least once: webhooks by POST, commands with the document on standard input. A failure is tried
/// again after 5 s, doubling up to an hour, for about a day; then the item is kept, with its last error, for people to see.
/// </summary>
internal sealed class OutboxPump(IStateReader store, HttpClient http, TimeProvider time, HostJournal journal)
{
    private const int Page = 50;
    private const int MostFailures = 30;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>For how long a host that ends is held up by what is still to be delivered; the next one delivers it again.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    /// <summary>Delivers until the host stops, and then once more: what is due by then, and what is under way, is not left for the next host.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        for (var last = false; ; last = stopping.IsCancellationRequested)
        {
            try
            {
                var items = await store.ReadOutboxAsync(time.GetUtcNow(), Page, CancellationToken.None);
                var delivering = Task.WhenAll(items.Select(DeliverAsync));
                await (last ? delivering.WaitAsync(LastPatience, time, CancellationToken.None) : delivering);
                if (items.Count == Page && !last) continue;
            }
            catch (StoreException e)
            {
                journal.StoreUnavailable(e.Message);
            }

            catch (TimeoutException) when (last)
            {
                // the next host delivers it
            }

            if (last) return;
            await Task.Delay(Idle, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DeliverAsync(OutboxItem item)
    {
        var error = await TryAsync(item);
        if (error is null)
        {
            await store.CompleteOutboxAsync(item.Id, CancellationToken.None);
            return;
        }

        var last = item.Failures + 1 >= MostFailures;
        var wait = TimeSpan.FromSeconds(Math.Min(3600, 5 * Math.Pow(2, item.Failures)));
        await store.DeferOutboxAsync(item.Id, error, last ? null : time.GetUtcNow() + wait, CancellationToken.None);
        if (item.Failures == 0 || last) journal.Say($"A callback of run {item.Run} failed: {error}. {(last ? "It is given up." : "It is tried again.")}");
    }

    private async Task<string?> TryAsync(OutboxItem item)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            var payload = JsonNode.Parse(item.Payload)!;
            var document = payload["document"]!;
            document["id"] = item.Id.ToString();
            return item.Kind == "webhook"
                ? await PostAsync(payload["target"]!.GetValue<string>(), document, patience.Token)
                : await RunAsync(payload, document, patience.Token);
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {Patience.TotalSeconds} s";
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }

    // Who does not read what it is told may still do what it is for: its exit code says so.
    private static async Task WriteAsync(StreamWriter input, JsonNode document, CancellationToken cancellation)
    {
        try
        {
            await using (input) await input.WriteAsync(document.ToJsonString().AsMemory(), cancellation);
        }
        catch (IOException)
        {
        }
    }

    private async Task<string?> PostAsync(string url, JsonNode document, CancellationToken cancellation)
    {
        using var content = new StringContent(document.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var answer = await http.PostAsync(new Uri(url), content, cancellation);
        return answer.IsSuccessStatusCode ? null : $"{url} answered {(int)answer.StatusCode} {answer.ReasonPhrase}";
    }

    private static async Task<string?> RunAsync(JsonNode payload, JsonNode document, CancellationToken cancellation)
    {
        var words = payload["target"]!.AsArray().Select(word => word!.GetValue<string>()).ToArray();
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(words[0], words.Skip(1))
            {
                RedirectStandardInput = true,
                WorkingDirectory = payload["workingDirectory"]?.GetValue<string>() ?? "",
            },
        };
        foreach (var secret in process.StartInfo.Environment.Keys.Where(name => !TaskEnvironment.MayInherit(name)).ToArray())
            process.StartInfo.Environment.Remove(secret);
        process.StartInfo.Environment["FLOW_EVENT"] = document["event"]!.GetValue<string>();
        process.Start();
        try
        {
            await WriteAsync(process.StandardInput, document, cancellation);
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode == 0 ? null : $"'{string.Join(' ', words)}' ended with exit code {process.ExitCode}";
    }
}
