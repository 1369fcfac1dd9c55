using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Retries;

/// <summary>How long a retry waits. The same question always has the same answer, so that a replay waits as long.</summary>
public static class Backoff
{
    /// <summary>
    /// The wait before a retry: <c>delay * backoff^(retry - 1)</c>, at most <c>max_delay</c>. A growing wait is spread by up to a
    /// quarter to either side, by a hash of who waits, so that tasks that failed together do not come back together.
    /// </summary>
    /// <param name="policy">The task's policy.</param>
    /// <param name="dag">Who waits: the DAG,</param>
    /// <param name="task">the task instance,</param>
    /// <param name="logicalDate">and the run's logical date.</param>
    /// <param name="retry">Which retry, from 1.</param>
    public static TimeSpan Delay(RetryPolicy policy, DagId dag, TaskKey task, DateTimeOffset logicalDate, int retry)
    {
        if (policy.Delay == TimeSpan.Zero) return TimeSpan.Zero;
        var seconds = policy.Delay.TotalSeconds * Math.Pow(policy.Backoff, retry - 1);
        if (policy.Backoff > 1) seconds *= 0.75 + 0.5 * Fraction(dag, task, logicalDate, retry);
        return seconds < policy.MaxDelay.TotalSeconds ? TimeSpan.FromMilliseconds(Math.Round(seconds * 1000)) : policy.MaxDelay;
    }

    /// <summary>The wait before a failed launch is tried again: 1 s, doubling, at most 30 s.</summary>
    /// <param name="failures">How many launches failed, from 1.</param>
    public static TimeSpan LaunchDelay(int failures) => TimeSpan.FromSeconds(Math.Min(30, Math.Pow(2, failures - 1)));

    private static double Fraction(DagId dag, TaskKey task, DateTimeOffset logicalDate, int retry)
    {
        var who = string.Create(CultureInfo.InvariantCulture, $"{dag}\n{task.Task}\n{task.MapIndex}\n{logicalDate.UtcTicks}\n{retry}");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(who));
        return BinaryPrimitives.ReadUInt32BigEndian(hash) / (double)uint.MaxValue;
    }
}
