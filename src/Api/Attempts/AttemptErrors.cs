using System.Globalization;
using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Names;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Api.Attempts;

/// <summary>What attempts are told.</summary>
internal static class AttemptErrors
{
    /// <summary>The attempt may not act: it has ended, or it is another one than this address is for.</summary>
    public static RpcException Stale(IAttemptDesk desk, string problem)
    {
        var (name, epoch) = (ResourceNames.Of(desk.Plan.Key), desk.Plan.Key.Epoch);
        return ApiError.Precondition(
            ErrorReason.AttemptStale, name, problem, ("attempt", name), ("epoch", Whole(epoch)), ("fence", Whole(epoch)));
    }

    /// <summary>The end of an attempt is not the task's to report here.</summary>
    public static RpcException EndIsSeen(IAttemptDesk desk) => ApiError.Precondition(
        ErrorReason.CommandRefused, ResourceNames.Of(desk.Plan.Key),
        "the host sees the command end by itself and reports it then: exit with the code that says how it went");

    /// <summary>There is no room on the host's disk.</summary>
    public static RpcException NoRoom(DeskException refused) => new(
        RpcCode.ResourceExhausted, ApiError.Sentence(refused.Message),
        [ApiError.Info(ErrorReason.TooManyCalls, ("limit", "disk")), ApiError.Retry()], inner: refused);

    /// <summary>It is not recorded yet.</summary>
    public static RpcException NotRecorded(DeskException refused) => new(
        RpcCode.Unavailable, ApiError.Sentence(refused.Message), [ApiError.Info(ErrorReason.StoreUnavailable), ApiError.Retry()], inner: refused);

    /// <summary>A piece of a file is too large for a message.</summary>
    public static RpcException TooLarge(int size, int limit) => new(
        RpcCode.ResourceExhausted,
        string.Create(CultureInfo.InvariantCulture, $"A message of an upload may carry {limit:N0} bytes; this one has {size:N0}. Send the file in smaller pieces."),
        [ApiError.Info(ErrorReason.MessageTooLarge, ("limit", Whole(limit)))]);

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
