using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Errors;

/// <summary>Says every error as <c>errors.proto</c> promises, those of the wire too, and its fields as the caller writes them. Pure.</summary>
internal static class ErrorTeller
{
    /// <summary>The error as it is sent.</summary>
    /// <param name="error">What ended the call.</param>
    /// <param name="failure">The call.</param>
    public static RpcException Tell(RpcException error, RpcFailure failure)
    {
        var told = error.Details.Count == 0 ? OfWire(error, failure.Path) : error;
        return failure is { IsJson: true, Method: { } method } ? JsonFields.Rename(told, method.RequestType) : told;
    }

    // The wire knows no reasons of ours: each kind of its errors has one code.
    private static RpcException OfWire(RpcException error, string path) => error.Code switch
    {
        _ when error.ExceededLimit is not null => ApiError.MessageTooLarge(error),
        RpcCode.InvalidArgument => With(error, ApiError.Info(ErrorReason.UnreadableRequest)),
        RpcCode.Unimplemented => With(error, ApiError.Info(ErrorReason.UnsupportedCall, ("method", RequestCheck.Short(path)))),
        RpcCode.DeadlineExceeded => With(error, ApiError.Info(ErrorReason.DeadlinePassed)),
        RpcCode.Unavailable => With(error, ApiError.Info(ErrorReason.HostNotInCharge), ApiError.Retry()),
        RpcCode.Internal when error.Incident is { } incident => With(error, ApiError.Info(ErrorReason.Internal, ("incident", incident))),
        RpcCode.Internal => With(error, ApiError.Info(ErrorReason.BrokenProtocol)),
        _ => error,
    };

    private static RpcException With(RpcException error, params Google.Protobuf.IMessage[] details) =>
        new(error.Code, error.Message, details, error.Trailers, error);
}
