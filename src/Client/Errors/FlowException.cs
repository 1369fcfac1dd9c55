using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Client.Errors;

/// <summary>A field of a request that is wrong.</summary>
/// <param name="Field">The field, such as <c>params.rows</c>.</param>
/// <param name="Description">What is wrong and what to do.</param>
public sealed record FieldViolation(string Field, string Description);

/// <summary>What a call was about.</summary>
/// <param name="Type">The kind of the resource, as the server names it.</param>
/// <param name="Name">Its name, such as <c>runs/manual-20240101T000000Z-x7k2p</c>.</param>
public sealed record FlowResource(string Type, string Name);

/// <summary>A call that failed. The message says what happened and what to do.</summary>
public class FlowException : Exception
{
    /// <summary>A failure on this side.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="inner">The cause.</param>
    public FlowException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>The gRPC code: what kind of failure. <c>Unknown</c> when it happened on this side.</summary>
    public RpcCode Code { get; private set; } = RpcCode.Unknown;

    /// <summary>Why, as far as the server said so; unspecified when nobody did, or when this client does not know the reason.</summary>
    public ErrorReason Reason { get; private set; }

    /// <summary>The name of the reason as the server sent it, also one that this client does not know; empty when it sent none.</summary>
    public string ReasonText { get; private set; } = "";

    /// <summary>Facts about the error by name, as <see cref="ErrorReason"/> documents them.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    /// <summary>The fields that are wrong.</summary>
    public IReadOnlyList<FieldViolation> Violations { get; private set; } = [];

    /// <summary>What the call was about; null when the server did not say.</summary>
    public FlowResource? Resource { get; private set; }

    /// <summary>When to try again; null when the server did not say.</summary>
    public TimeSpan? RetryDelay { get; private set; }

    /// <summary>What to do, where the server's own words cannot know it: the end of the message. Null: there is nothing to add.</summary>
    public string? Advice { get; private set; }

    /// <summary>Whether the same call may work later without anything being changed.</summary>
    public bool IsTransient => Code is RpcCode.Unavailable or RpcCode.DeadlineExceeded or RpcCode.ResourceExhausted;

    /// <summary>The same facts as of the error that it tells of.</summary>
    internal FlowException As(FlowException other)
    {
        (Code, Reason, ReasonText) = (other.Code, other.Reason, other.ReasonText);
        (Metadata, Violations, Resource, RetryDelay) = (other.Metadata, other.Violations, other.Resource, other.RetryDelay);
        return this;
    }

    /// <summary>Puts in what the server said.</summary>
    internal FlowException With(Facts facts)
    {
        (Code, Reason, ReasonText) = (facts.Status.Code, facts.Reason, facts.ReasonText);
        (Metadata, Violations, Resource, RetryDelay) = (facts.Metadata, facts.Violations, facts.Resource, facts.RetryDelay);
        Advice = Errors.Advice.Of(facts.Status, facts.Reason);
        return this;
    }
}

/// <summary>No server answers, or the server cannot work at the moment. A command may have been done: repeat it with the same request id.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="inner">The cause.</param>
public sealed class FlowUnavailableException(string message, Exception? inner = null) : FlowException(message, inner);

/// <summary>There is no such DAG, run, task or pool.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="inner">The cause.</param>
public sealed class FlowNotFoundException(string message, Exception? inner = null) : FlowException(message, inner);

/// <summary>The server does not know the caller, or the caller's role is too low.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="inner">The cause.</param>
public sealed class FlowAccessException(string message, Exception? inner = null) : FlowException(message, inner);

/// <summary>A DAG was refused.</summary>
/// <param name="message">What is wrong with it: everything.</param>
/// <param name="inner">The cause.</param>
public sealed class InvalidDagException(string message, Exception? inner = null) : FlowException(message, inner)
{
    /// <summary>Everything that was found, with line and path where the source has them.</summary>
    public IReadOnlyList<DagProblem> Problems { get; init; } = [];
}
