using OrleansFlow.Cli.Terminal;
using OrleansFlow.Scheduling.Explaining;

namespace OrleansFlow.Cli.Explaining;

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
