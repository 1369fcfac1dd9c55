using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>Where the hosts that stand by hand in their commands, beside the API. Callers prove that they know the database.</summary>
/// <param name="inCharge">The coordinators of this host while it is in charge; null while it is not.</param>
/// <param name="secret">What callers must prove to know.</param>
/// <param name="incident">Writes a defect into the host's log, and returns the name under which it is found there.</param>
internal sealed class PeerEndpoint(Func<IPeers?> inCharge, string secret, Func<string, Exception, string> incident)
{
    /// <summary>The query that names whom a command is for.</summary>
    public const string Key = "key";

    private const int MaxBytes = 16 * 1024 * 1024;
    private readonly byte[] _proof = SHA256.HashData(Encoding.UTF8.GetBytes("Peer " + secret));

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/flow.peers/{subject}/{verb}", HandleAsync);

    /// <summary>Whether a path is one of these, for the guard of the API.</summary>
    public static bool IsOne(PathString path) => path.StartsWithSegments("/flow.peers", StringComparison.Ordinal);

    private async Task HandleAsync(HttpContext http)
    {
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()));
        if (!CryptographicOperations.FixedTimeEquals(given, _proof))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var name = $"{http.GetRouteValue("subject")}/{http.GetRouteValue("verb")}";
        var key = http.Request.Query[Key].ToString();
        if (http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MaxBytes;
        if (!PeerCommands.Has(name)) await AnswerAsync(http, StatusCodes.Status404NotFound, null, $"there is no command {name}");
        else if (inCharge() is { } peers) await DoAsync(http, peers, name, key);
        else await AnswerAsync(http, StatusCodes.Status421MisdirectedRequest, null, "this host is not in charge");
    }

    private async Task DoAsync(HttpContext http, IPeers peers, string name, string key)
    {
        byte[] reply;
        try
        {
            reply = await PeerCommands.DoAsync(peers, name, key, http.Request.Body, http.RequestAborted);
        }
        catch (Exception failure) when (!http.RequestAborted.IsCancellationRequested)
        {
            var (status, reason, text) = PeerFailure.Describe(failure)
                ?? (StatusCodes.Status500InternalServerError, null, $"a defect of the host in charge: its log has it as {incident($"{name} {key}", failure)}");
            await AnswerAsync(http, status, reason, text);
            return;
        }

        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(reply, http.RequestAborted);
    }

    private static Task AnswerAsync(HttpContext http, int status, string? reason, string text)
    {
        http.Response.StatusCode = status;
        if (reason is not null) http.Response.Headers[PeerLink.ReasonHeader] = reason;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
