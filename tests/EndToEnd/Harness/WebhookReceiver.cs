using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>Takes webhooks on the loopback; answers what it is told to, then 200.</summary>
internal sealed class WebhookReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<int> _answers;

    public WebhookReceiver(params int[] answers)
    {
        _answers = new ConcurrentQueue<int>(answers);
        Url = $"http://127.0.0.1:{Ports.Free()}/hook";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _ = ReceiveAsync();
    }

    public string Url { get; }

    /// <summary>What was posted, in order, also what was answered with an error.</summary>
    public ConcurrentQueue<(JsonElement Document, int Answer)> Received { get; } = new();

    /// <summary>Waits until so many were received.</summary>
    public async Task<IReadOnlyList<(JsonElement Document, int Answer)>> ReceivedAsync(int count)
    {
        await Eventually.TrueAsync(() => Received.Count >= count, $"{count} webhooks arrive");
        return [.. Received];
    }

    public void Dispose() => _listener.Close();

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var call = await _listener.GetContextAsync();
                using var document = await JsonDocument.ParseAsync(call.Request.InputStream);
                var answer = _answers.TryDequeue(out var told) ? told : 200;
                Received.Enqueue((document.RootElement.Clone(), answer));
                call.Response.StatusCode = answer;
                call.Response.Close();
            }
            catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException)
            {
                // Either closed, or a caller that was killed; the loop's condition tells.
            }
        }
    }
}
