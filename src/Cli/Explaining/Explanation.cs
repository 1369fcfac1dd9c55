using OrleansFlow.Cli.Output;
using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Cli.Explaining;

/// <summary>Why a task instance is as it is.</summary>
/// <param name="Summary">In one sentence.</param>
/// <param name="Facts">What that rests on: numbers, times, evidence; one sentence each.</param>
/// <param name="Advice">What to do; null when there is nothing to be done.</param>
internal sealed record Explanation(string Summary, IReadOnlyList<string> Facts, string? Advice);

/// <summary>Explanations for people.</summary>
internal static class ExplanationText
{
    public static void Write(TextWriter writer, Paint paint, string task, Explanation explanation)
    {
        writer.WriteLine($"{paint.Header(task)}: {explanation.Summary}");
        foreach (var fact in explanation.Facts) writer.WriteLine($"  - {fact}");
        if (explanation.Advice is { } advice) writer.WriteLine($"  what to do: {advice}");
    }
}
