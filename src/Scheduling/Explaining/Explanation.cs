namespace OrleansFlow.Scheduling.Explaining;

/// <summary>Why a task instance is as it is.</summary>
/// <param name="Summary">In one sentence.</param>
/// <param name="Facts">What that rests on: numbers, times, evidence; one sentence each.</param>
/// <param name="Advice">What to do; null when there is nothing to be done.</param>
public sealed record Explanation(string Summary, IReadOnlyList<string> Facts, string? Advice);
