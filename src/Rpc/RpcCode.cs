namespace OrleansFlow.Rpc;

/// <summary>The outcome of a call, by the numbers of the public gRPC protocol (whose success is zero).</summary>
public enum RpcCode
{
    /// <summary>It worked.</summary>
    Ok = 0,

    /// <summary>The caller gave up.</summary>
    Cancelled = 1,

    /// <summary>An error that says nothing more.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the system.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed first. The call may have had its effect.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for is not there.</summary>
    NotFound = 5,

    /// <summary>What was to be created is there already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known, and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit or quota is used up.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is in the wrong state; repeating the call does not help before that changes.</summary>
    FailedPrecondition = 9,

    /// <summary>A conflict with another call; the caller may repeat at a higher level.</summary>
    Aborted = 10,

    /// <summary>Past the end of what is there.</summary>
    OutOfRange = 11,

    /// <summary>The server does not know this method, or not this way of calling it.</summary>
    Unimplemented = 12,

    /// <summary>A defect of the server or of the wire.</summary>
    Internal = 13,

    /// <summary>The service cannot be reached now; repeating with backoff may help.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or damaged for good.</summary>
    DataLoss = 15,

    /// <summary>The caller did not say who he is, or not convincingly.</summary>
    Unauthenticated = 16,
}
