using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>Hands commands to the host in charge. Thread-safe.</summary>
/// <param name="http">For HTTP/2 without TLS; the link disposes it.</param>
/// <param name="secret">What the hosts of the database prove to each other that they are.</param>
/// <param name="time">Time.</param>
internal sealed class PeerLink(HttpClient http, string secret, TimeProvider time) : IDisposable
{
    /// <summary>How long a host may take to answer: one that hangs must not keep a command from the next one in charge.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The header that says why a command was not done.</summary>
    public const string ReasonHeader = "flow-peer-reason";

    /// <summary>The path of a command.</summary>
    public static string PathOf(string command, string key) => $"/flow.peers/{command}?{PeerEndpoint.Key}={Uri.EscapeDataString(key)}";

    /// <summary>Asks another host.</summary>
    /// <returns>Its answer; null when it has done nothing: it is not there, or not in charge.</returns>
    /// <exception cref="StoreException">It has, or may have, failed to commit.</exception>
    /// <exception cref="RequestReusedException">The request's id was used before.</exception>
    public async Task<TReply?> AskAsync<TMessage, TReply>(string address, string command, string key, TMessage message, CancellationToken cancellation)
        where TReply : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address + PathOf(command, key))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(message, PeerCommands.Json)),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Peer", secret);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => JsonSerializer.Deserialize<TReply>(body, PeerCommands.Json),
                HttpStatusCode.MisdirectedRequest => null,
                _ => throw PeerFailure.Read(response, body),
            };
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new StoreException(StoreFailure.OutcomeUnknown, $"the host in charge at {address} was asked, and has not answered", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
