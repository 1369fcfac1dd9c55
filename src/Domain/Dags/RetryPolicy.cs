namespace OrleansFlow.Domain.Dags;

/// <summary>How often, how soon and after what an attempt is tried again.</summary>
public sealed record RetryPolicy
{
    /// <summary>The policy of a task that says nothing.</summary>
    public static readonly RetryPolicy Default = new();

    /// <summary>How often the user's code may fail and be tried again.</summary>
    public int Retries { get; init; }

    /// <summary>The wait before the first retry, measured from the end of the attempt.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What each further wait is multiplied by; 1 keeps it constant, and without jitter.</summary>
    public double Backoff { get; init; } = 1;

    /// <summary>The greatest wait.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromHours(24);

    /// <summary>When there are any, only failures that match one of these are retried. <see cref="FailOn"/> is asked first.</summary>
    public IReadOnlyList<FailureRule> RetryOn { get; init; } = [];

    /// <summary>Failures that match one of these are final.</summary>
    public IReadOnlyList<FailureRule> FailOn { get; init; } = [];

    /// <summary>Exit codes that skip the task.</summary>
    public IReadOnlyList<int> SkipExitCodes { get; init; } = [99];

    /// <summary>Exit codes that fail the task without a retry.</summary>
    public IReadOnlyList<int> FailExitCodes { get; init; } = [];

    /// <summary>How many attempts may be lost to the infrastructure.</summary>
    public int InfraRetries { get; init; } = 10;

    /// <summary>How many launches may fail.</summary>
    public int LaunchRetries { get; init; } = 3;

    /// <summary>How many attempts may vanish without any evidence.</summary>
    public const int UnknownRetries = 3;
}

/// <summary>A rule about failures: it matches when everything it names does.</summary>
public sealed record FailureRule
{
    /// <summary>Exit codes, any of them; empty: any code.</summary>
    public IReadOnlyList<int> ExitCodes { get; init; } = [];

    /// <summary>Reasons such as <c>timeout</c> and <c>oom</c>, any of them; empty: any reason.</summary>
    public IReadOnlyList<Tasks.AttemptCause> Reasons { get; init; } = [];

    /// <summary>Error classes that the task reported, any of them; empty: any class.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];
}
