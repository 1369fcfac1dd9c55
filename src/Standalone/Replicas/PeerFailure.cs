using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>How a command that failed at one host fails at the one that passed it on.</summary>
internal static class PeerFailure
{
    private const string Reused = "request_reused";
    private const string Store = "store_";

    /// <summary>What is answered for a failure; null when it is a defect, whose text stays here.</summary>
    public static (int Status, string? Reason, string Text)? Describe(Exception failure) => failure switch
    {
        FencedException => (StatusCodes.Status421MisdirectedRequest, null, "this host is not in charge"),
        StoreException { Failure: StoreFailure.Fenced } => (StatusCodes.Status421MisdirectedRequest, null, "this host is not in charge"),
        RequestReusedException reused => (StatusCodes.Status409Conflict, Reused, JsonSerializer.Serialize(new[] { reused.Id, reused.Before, reused.Now })),
        StoreException store => (StatusCodes.Status503ServiceUnavailable, Store + store.Failure, store.Message),
        JsonException malformed => (StatusCodes.Status400BadRequest, null, malformed.Message),
        _ => null,
    };

    /// <summary>The failure that another host answered with.</summary>
    public static Exception Read(HttpResponseMessage response, byte[] body)
    {
        var reason = response.Headers.TryGetValues(PeerLink.ReasonHeader, out var values) ? values.First() : "";
        var text = Encoding.UTF8.GetString(body);
        if (response.StatusCode == HttpStatusCode.Conflict && reason == Reused && JsonSerializer.Deserialize<string[]>(text) is [var id, var before, var now])
            return new RequestReusedException(id, before, now);
        if (reason.StartsWith(Store, StringComparison.Ordinal) && Enum.TryParse<StoreFailure>(reason[Store.Length..], out var failure))
            return new StoreException(failure, text);
        return new PeerException($"the host in charge answered {(int)response.StatusCode}: {text}");
    }
}

/// <summary>The host in charge failed in a way that is a defect.</summary>
internal sealed class PeerException(string message) : Exception(message);
