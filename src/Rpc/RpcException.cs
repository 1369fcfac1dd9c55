using Google.Protobuf;

namespace OrleansFlow.Rpc;

/// <summary>
/// A call that ended with another status than OK. A handler throws it to answer deliberately: everything in it reaches the caller.
/// A client throws it for what the server answered, and for what went wrong on the way.
/// </summary>
public sealed class RpcException : Exception
{
    /// <summary>Makes a status to answer with.</summary>
    /// <param name="code">Any code but OK.</param>
    /// <param name="message">What happened, where, and what to do: for the developer who called.</param>
    /// <param name="details">Typed facts about the error, for instance of <c>google.rpc</c>.</param>
    /// <param name="trailers">Metadata to send with the status.</param>
    /// <param name="inner">The cause; it never leaves the process.</param>
    public RpcException(
        RpcCode code, string message, IEnumerable<IMessage>? details = null, RpcMetadata? trailers = null, Exception? inner = null)
        : base(message, inner)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(code, RpcCode.Ok);
        Code = code;
        Details = details is null ? [] : [.. details];
        Trailers = trailers ?? new RpcMetadata();
    }

    /// <summary>What kind of failure.</summary>
    public RpcCode Code { get; }

    /// <summary>
    /// Typed facts: the messages themselves where they were thrown, <see cref="Google.Protobuf.WellKnownTypes.Any"/> where they were received.
    /// </summary>
    public IReadOnlyList<IMessage> Details { get; }

    /// <summary>Metadata that comes with the status.</summary>
    public RpcMetadata Trailers { get; }

    /// <summary>How many bytes a message may have, when the call ended because one had more; null otherwise.</summary>
    public int? ExceededLimit { get; init; }

    /// <summary>Whether the server cannot have begun the call.</summary>
    public bool WasNotSent { get; internal init; }

    /// <summary>Whether the connection broke, or its other end gave the call up, before there was a status: nobody said that anything is wrong.</summary>
    public bool IsConnectionLost { get; internal init; }

    /// <summary>Whether the server cut the call off because what it sent was not read for too long, or too much was asked of it.</summary>
    public bool IsCutOff { get; internal init; }

    /// <summary>Where the server's own log tells more of the defect that ended the call; null otherwise.</summary>
    public string? Incident { get; internal init; }

    /// <summary>The first detail of a type, thrown or received; null when there is none.</summary>
    /// <typeparam name="T">The message of the detail.</typeparam>
    public T? Detail<T>() where T : class, IMessage<T>, new()
    {
        foreach (var detail in Details)
        {
            if (detail is T typed) return typed;
            if (detail is Google.Protobuf.WellKnownTypes.Any any && any.TryUnpack<T>(out var unpacked)) return unpacked;
        }

        return null;
    }
}
