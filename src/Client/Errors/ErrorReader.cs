using System.Text;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Client.Errors;

/// <summary>Turns the status of a call into an exception with everything that its details say.</summary>
internal static class ErrorReader
{
    private const string Domain = "orleansflow";

    public static FlowException Read(RpcException status)
    {
        var info = status.Detail<ErrorInfo>() is { Domain: Domain } found ? found : null;
        var facts = new Facts(
            status,
            ReasonOf(info?.Reason),
            info?.Reason ?? "",
            info?.Metadata.ToDictionary() ?? [],
            [.. (status.Detail<BadRequest>()?.FieldViolations ?? []).Select(v => new FieldViolation(v.Field, v.Description))],
            status.Detail<ResourceInfo>() is { } about ? new FlowResource(about.ResourceType, about.ResourceName) : null,
            status.Detail<RetryInfo>()?.RetryDelay?.ToTimeSpan());
        return Make(facts, status.Detail<InvalidDag>()?.Report);
    }

    /// <summary>The reason of a name without its prefix; unspecified for one that is newer than this client.</summary>
    public static ErrorReason ReasonOf(string? name) =>
        name is not null && ByName.TryGetValue(name, out var reason) ? reason : ErrorReason.Unspecified;

    private static readonly Dictionary<string, ErrorReason> ByName = Enum.GetValues<ErrorReason>().ToDictionary(NameOf);

    private static string NameOf(ErrorReason reason)
    {
        var name = new StringBuilder();
        foreach (var c in reason.ToString())
        {
            if (char.IsUpper(c) && name.Length > 0) name.Append('_');
            name.Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }

    private static FlowException Make(Facts facts, DagReport? report)
    {
        var message = Message(facts, report);
        FlowException made = (facts.Status.Code, facts.Reason) switch
        {
            (_, ErrorReason.InvalidDag) => Fill(new InvalidDagException(message, facts.Status) { Problems = [.. report?.Problems ?? []] }),
            (RpcCode.Unavailable or RpcCode.DeadlineExceeded, _) => Fill(new FlowUnavailableException(message, facts.Status)),
            (RpcCode.NotFound, _) => Fill(new FlowNotFoundException(message, facts.Status)),
            (RpcCode.Unauthenticated or RpcCode.PermissionDenied, _) => Fill(new FlowAccessException(message, facts.Status)),
            _ => Fill(new FlowException(message, facts.Status)),
        };
        return made;

        FlowException Fill(FlowException bare) => bare.With(facts);
    }

    private static string Message(Facts facts, DagReport? report)
    {
        var message = new StringBuilder(facts.Status.Message.TrimEnd());
        var violations = facts.Violations.Where(v => !facts.Status.Message.Contains(v.Description, StringComparison.Ordinal)).ToList();
        foreach (var violation in violations) message.Append("\n  ").Append(violation.Field).Append(": ").Append(violation.Description);
        foreach (var problem in report?.Problems.Where(p => p.Severity != Severity.Warning) ?? []) message.Append("\n  ").Append(Line(problem));
        if (Advice.Of(facts.Status, facts.Reason) is { } advice)
            message.Append(violations.Count > 0 || report is not null ? "\n" : message.Length > 0 && char.IsPunctuation(message[^1]) ? " " : ". ").Append(advice);
        return message.ToString();
    }

    private static string Line(DagProblem problem) =>
        (problem.Line > 0 ? $"{problem.Line}:{problem.Column}: " : "") + (problem.Path.Length > 0 ? $"{problem.Path}: " : "") + problem.Message;
}

/// <summary>What is known of an error.</summary>
internal sealed record Facts(
    RpcException Status,
    ErrorReason Reason,
    string ReasonText,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<FieldViolation> Violations,
    FlowResource? Resource,
    TimeSpan? RetryDelay);
