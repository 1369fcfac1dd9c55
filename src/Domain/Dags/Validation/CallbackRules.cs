using System.Globalization;

namespace OrleansFlow.Domain.Dags.Validation;

/// <summary>What must hold of webhooks and commands that are told about ends.</summary>
internal static class CallbackRules
{
    public static void Check(IReadOnlyList<CallbackSpec> callbacks, SpecProblems problems, params string[] at)
    {
        for (var i = 0; i < callbacks.Count; i++)
            if (Problem(callbacks[i]) is { } problem)
                problems.Error(problem, [.. at, string.Create(CultureInfo.InvariantCulture, $"[{i}]")]);
    }

    private static string? Problem(CallbackSpec callback) => callback switch
    {
        { Webhook: null, Command: null } or { Webhook: not null, Command: not null } => "a callback has exactly one of 'webhook' and 'command'",
        { Command.Count: 0 } => "the command is empty: name a program",
        { Webhook: { } url } when !IsUrl(url) => $"'{url}' is not a URL: a webhook begins with http:// or https://",
        _ => null,
    };

    private static bool IsUrl(string text) =>
        text.StartsWith("{{", StringComparison.Ordinal)
        || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
