using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Client.Errors;

/// <summary>What to do about an error, where the server's own words cannot know it: how this client is set up.</summary>
internal static class Advice
{
    private const string Start = "Start one there with 'flow server' ('flow dev' on your own machine), or name another address.";

    public static string? Of(RpcException status, ErrorReason reason) =>
        status.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } ? Start : Of(status.Code, reason);

    private static string? Of(RpcCode code, ErrorReason reason) => reason switch
    {
        ErrorReason.TokenInvalid => "Give the client a token that this server knows (Token or TokenFile; flow: --token-file).",
        ErrorReason.RoleTooLow => "Ask for a token with a higher role.",
        ErrorReason.StoreUnavailable or ErrorReason.HostNotInCharge => "Try again; a command is repeated safely with the same request id.",
        ErrorReason.InvalidPageToken => "Start again without it.",
        ErrorReason.RequestIdReused => "Give every command an id of its own.",
        ErrorReason.RunTooLarge => "Leave out 'tasks' by a mask, and list the task instances.",
        ErrorReason.Unspecified or ErrorReason.DeadlinePassed or ErrorReason.UnsupportedCall => OfCode(code),
        _ => null,
    };

    private static string? OfCode(RpcCode code) => code switch
    {
        RpcCode.Unauthenticated => "Give the client a token that this server knows (Token or TokenFile; flow: --token-file).",
        RpcCode.DeadlineExceeded => "The call may have been done: repeat it with the same request id, or allow it more time.",
        RpcCode.Unimplemented => "The server may be older than this client, or something else answers at this address.",
        _ => null,
    };
}
