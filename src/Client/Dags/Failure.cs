using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Client.Dags;

/// <summary>Makes rules about failures, for <see cref="TaskBuilder.RetryOn"/> and <see cref="TaskBuilder.FailOn"/>.</summary>
public static class Failure
{
    /// <summary>Any of these exit codes.</summary>
    public static FailureRule ExitCodes(params IEnumerable<int> codes) => new() { ExitCodes = [.. codes] };

    /// <summary>Any of these causes.</summary>
    public static FailureRule Causes(params IEnumerable<AttemptCause> causes) => new() { Reasons = [.. causes] };

    /// <summary>Any of these error classes that the task reports.</summary>
    public static FailureRule Errors(params IEnumerable<string> classes) => new() { Errors = [.. classes] };
}
