namespace OrleansFlow.Rpc.Wire;

/// <summary>Names of codes, and the HTTP status that goes with them, in the Connect protocol.</summary>
internal static class ConnectCodes
{
    public static string Name(RpcCode code) => code switch
    {
        RpcCode.Cancelled => "canceled",
        RpcCode.InvalidArgument => "invalid_argument",
        RpcCode.DeadlineExceeded => "deadline_exceeded",
        RpcCode.NotFound => "not_found",
        RpcCode.AlreadyExists => "already_exists",
        RpcCode.PermissionDenied => "permission_denied",
        RpcCode.ResourceExhausted => "resource_exhausted",
        RpcCode.FailedPrecondition => "failed_precondition",
        RpcCode.Aborted => "aborted",
        RpcCode.OutOfRange => "out_of_range",
        RpcCode.Unimplemented => "unimplemented",
        RpcCode.Internal => "internal",
        RpcCode.Unavailable => "unavailable",
        RpcCode.DataLoss => "data_loss",
        RpcCode.Unauthenticated => "unauthenticated",
        _ => "unknown",
    };

    public static int HttpStatus(RpcCode code) => code switch
    {
        RpcCode.Cancelled => 499,
        RpcCode.InvalidArgument or RpcCode.FailedPrecondition or RpcCode.OutOfRange => 400,
        RpcCode.DeadlineExceeded => 504,
        RpcCode.NotFound => 404,
        RpcCode.AlreadyExists or RpcCode.Aborted => 409,
        RpcCode.PermissionDenied => 403,
        RpcCode.ResourceExhausted => 429,
        RpcCode.Unimplemented => 501,
        RpcCode.Unavailable => 503,
        RpcCode.Unauthenticated => 401,
        _ => 500,
    };
}
