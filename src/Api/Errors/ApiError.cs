using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;

namespace OrleansFlow.Api.Errors;

/// <summary>The errors of the API: each a status with the typed facts that <c>errors.proto</c> promises for its reason.</summary>
internal static class ApiError
{
    /// <summary>Who defines the reasons.</summary>
    public const string Domain = "orleansflow";

    private const int LongestName = 500;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>There is no such thing.</summary>
    /// <param name="reason">Which kind of thing.</param>
    /// <param name="type">Its message.</param>
    /// <param name="name">Its resource name, as the caller gave it.</param>
    /// <param name="hint">What to do instead.</param>
    public static RpcException NotFound(ErrorReason reason, IMessage type, string name, string hint)
    {
        name = RequestCheck.Short(name, LongestName);
        var message = $"There is no {name}. {hint}";
        var resource = new ResourceInfo { ResourceType = type.Descriptor.FullName, ResourceName = name, Description = hint };
        return new RpcException(RpcCode.NotFound, message, [Info(reason), resource]);
    }

    /// <summary>Another command made a run of that id.</summary>
    public static RpcException RunExists(RunId run)
    {
        var name = $"runs/{run}";
        const string hint = "Choose another run_id, or leave it out; to repeat a command, give it the same request_id.";
        var resource = new ResourceInfo { ResourceType = Run.Descriptor.FullName, ResourceName = name, Description = hint };
        return new RpcException(RpcCode.AlreadyExists, $"There is a run {name} already. {hint}", [Info(ErrorReason.RunExists), resource]);
    }

    /// <summary>The request's id was used before, for another command.</summary>
    public static RpcException RequestReused(string requestId, Exception cause) => new(
        RpcCode.InvalidArgument, Sentence(cause.Message), [Info(ErrorReason.RequestIdReused, ("requestId", requestId))], inner: cause);

    /// <summary>The page token or cursor does not belong to this request.</summary>
    public static RpcException PageToken() => new(
        RpcCode.InvalidArgument,
        "The page token or cursor is not of this method, or the request beside it has changed. Start again without it.",
        [Info(ErrorReason.InvalidPageToken)]);

    /// <summary>The state of something is in the way.</summary>
    /// <param name="reason">Which way.</param>
    /// <param name="subject">A resource name.</param>
    /// <param name="problem">What is in the way and what to do.</param>
    /// <param name="facts">By name.</param>
    public static RpcException Precondition(ErrorReason reason, string subject, string problem, params (string Name, string Value)[] facts)
    {
        var failure = new PreconditionFailure
        {
            Violations = { new PreconditionFailure.Types.Violation { Type = "STATE", Subject = subject, Description = problem } },
        };
        return new RpcException(RpcCode.FailedPrecondition, Sentence(problem), [Info(reason, facts), failure]);
    }

    /// <summary>This server does not have a feature.</summary>
    /// <param name="feature">Its id.</param>
    /// <param name="hint">What it is and how it is switched on.</param>
    public static RpcException Disabled(string feature, string hint)
    {
        var failure = new PreconditionFailure
        {
            Violations = { new PreconditionFailure.Types.Violation { Type = "DISABLED", Subject = feature, Description = hint } },
        };
        return new RpcException(
            RpcCode.Unimplemented, $"This server does not have {feature}. {hint}", [Info(ErrorReason.FeatureDisabled, ("feature", feature)), failure]);
    }

    /// <summary>The database is away.</summary>
    public static RpcException StoreUnavailable(Exception cause) => new(
        RpcCode.Unavailable,
        "The database is away; the server waits for it. Try again; repeat a command with the same request_id, since it may have been done.",
        [Info(ErrorReason.StoreUnavailable), Retry()],
        inner: cause);

    /// <summary>This host may not act.</summary>
    public static RpcException NotInCharge(Exception? cause = null) => new(
        RpcCode.Unavailable,
        "This host is leaving, or has not taken over yet. Try again: another one answers, or this one soon.",
        [Info(ErrorReason.HostNotInCharge), Retry()],
        inner: cause);

    /// <summary>Another host should have answered, and did not.</summary>
    public static RpcException PeerUnavailable(Exception cause) => new(
        RpcCode.Unavailable,
        "The host that looks after this is gone or waits for the database, and no other has taken over yet. Try again; repeat a command with the same "
        + "request_id, since it may have been done.",
        [Info(ErrorReason.HostNotInCharge), Retry()],
        inner: cause);

    /// <summary>The caller has too much open.</summary>
    /// <param name="limit">What the limit is.</param>
    /// <param name="most">How many there may be.</param>
    public static RpcException TooMany(string limit, int most) => new(
        RpcCode.ResourceExhausted,
        $"Too many calls: {limit} is {most.ToString(CultureInfo.InvariantCulture)}. End some, or wait.",
        [Info(ErrorReason.TooManyCalls, ("limit", limit)), Retry()]);

    /// <summary>A message has more bytes than are read.</summary>
    public static RpcException MessageTooLarge(RpcException cause) => new(
        RpcCode.ResourceExhausted,
        $"{cause.Message} Send less, or let the server read more (max_message_bytes).",
        [Info(ErrorReason.MessageTooLarge, ("limit", Whole(cause.ExceededLimit ?? 0)))],
        inner: cause);

    /// <summary>No token, or an unknown one.</summary>
    public static RpcException Unauthenticated() => new(
        RpcCode.Unauthenticated,
        "The call carries no token that this server knows. Send the header 'authorization: Bearer TOKEN'; the token of a local server is in the file "
        + "'api.token' of its data folder.",
        [Info(ErrorReason.TokenInvalid)]);

    /// <summary>The role does not reach.</summary>
    public static RpcException RoleTooLow(string method, string role, string needed) => new(
        RpcCode.PermissionDenied,
        $"{method} needs the role {needed}; this token has the role {role}.",
        [Info(ErrorReason.RoleTooLow, ("method", method), ("role", role), ("needed", needed))]);

    /// <summary>An offset behind the end.</summary>
    public static RpcException OffsetOutOfRange(long offset, long size) => new(
        RpcCode.OutOfRange,
        string.Create(CultureInfo.InvariantCulture, $"The offset {offset} lies behind the end: the file has {size} bytes."),
        [Info(ErrorReason.OffsetOutOfRange, ("offset", Whole(offset)), ("size", Whole(size)))]);

    /// <summary>A defect; the log tells more under the incident.</summary>
    public static RpcException Internal(string incident, Exception cause) => new(
        RpcCode.Internal,
        $"Something went wrong inside the server; its log tells more under {incident}.",
        [Info(ErrorReason.Internal, ("incident", incident))],
        inner: cause);

    /// <summary>The reason by name, with facts.</summary>
    public static ErrorInfo Info(ErrorReason reason, params (string Name, string Value)[] facts)
    {
        var info = new ErrorInfo { Reason = NameOf(reason), Domain = Domain };
        foreach (var (name, value) in facts) info.Metadata[name] = value;
        return info;
    }

    private static string NameOf(ErrorReason reason) =>
        ErrorsReflection.Descriptor.EnumTypes.Single(type => type.Name == nameof(ErrorReason))
            .FindValueByNumber((int)reason).Name["ERROR_REASON_".Length..];

    /// <summary>Says when trying again may do.</summary>
    public static RetryInfo Retry() => new() { RetryDelay = Duration.FromTimeSpan(RetryAfter) };

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A problem as a sentence.</summary>
    public static string Sentence(string problem) =>
        problem.Length == 0 ? problem : char.ToUpperInvariant(problem[0]) + problem[1..] + (problem[^1] is '.' or '!' or '?' ? "" : ".");
}
