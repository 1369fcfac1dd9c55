using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Tests.Unit.Cli.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>Reasons in words.</summary>
public sealed class ExplainerTests
{
    private static readonly DateTimeOffset Now = Sample.Start.AddMinutes(1);

    [Fact]
    public void EveryStateWithEveryReason_IsExplained()
    {
        foreach (var state in Enum.GetValues<TaskState>())
            foreach (var reason in Enum.GetValues<TaskReason>())
                Explainer.Explain(Facts(state, reason)).Summary.ShouldNotBeNullOrWhiteSpace($"{state} {reason}");
    }

    [Theory]
    [InlineData(AttemptCause.Application, "charged to retries (1 of 2 used)")]
    [InlineData(AttemptCause.Oom, "charged to retries (1 of 2 used)")]
    [InlineData(AttemptCause.Timeout, "charged to retries (1 of 2 used)")]
    [InlineData(AttemptCause.HostLost, "charged to infra_retries (2 of 10 used)")]
    [InlineData(AttemptCause.Preempted, "charged to infra_retries (2 of 10 used)")]
    [InlineData(AttemptCause.Stopped, "charged to infra_retries (2 of 10 used)")]
    [InlineData(AttemptCause.NodeLost, "charged to infra_retries (2 of 10 used)")]
    [InlineData(AttemptCause.Launch, "charged to launch_retries (0 of 3 used)")]
    [InlineData(AttemptCause.Unknown, "charged to the budget of unexplained losses (0 of 3 used)")]
    [InlineData(AttemptCause.Cancelled, "charged to nothing")]
    public void EveryCause_SaysWhatItWasChargedTo(AttemptCause cause, string says)
    {
        var facts = Facts(TaskState.UpForRetry, TaskReason.Backoff, cause);

        Explainer.Explain(facts).Facts.ShouldContain(fact => fact.EndsWith(says, StringComparison.Ordinal));
    }

    [Fact]
    public void ALaunchThatCannotBeMendedByTryingAgain_IsChargedToNothing() =>
        Explainer.Explain(Facts(TaskState.Failed, TaskReason.LaunchFailed, AttemptCause.Launch)).Facts
            .ShouldContain("cause launch: it never started; charged to nothing, since trying again would not help");

    [Fact]
    public void AQueuedTimeout_IsNoTimeoutOfACommand()
    {
        var facts = Facts(TaskState.Failed, TaskReason.QueuedTimeout, AttemptCause.Timeout);
        var unstarted = facts with { Task = facts.Task with { Attempts = [facts.Task.Attempts[0] with { StartedAt = null }] } };

        Explainer.Explain(unstarted).Facts.ShouldContain("cause timeout: it had not started when its queued_timeout was over; charged to nothing");
    }

    [Fact]
    public void Backoff_SaysUntilWhen()
    {
        var facts = Facts(TaskState.UpForRetry, TaskReason.Backoff);

        Explainer.Explain(facts).Summary.ShouldBe("it waits for its next attempt until 2024-01-01T06:06:00Z, in 5m00s");
    }

    [Fact]
    public void APausedDag_IsUnpaused() =>
        Explainer.Explain(Facts(TaskState.Scheduled, TaskReason.Paused)).Advice.ShouldBe("flow dags unpause credit");

    [Fact]
    public void ASignal_IsNamed()
    {
        var facts = Facts(TaskState.Failed, TaskReason.ExitCode, AttemptCause.Application, exit: 137);

        Explainer.Explain(facts).Facts[0].ShouldContain("with exit code 137 (signal 9)");
    }

    private static WhyFacts Facts(TaskState state, TaskReason reason, AttemptCause? cause = null, int? exit = null)
    {
        var key = Sample.Key(Sample.Good, "train");
        var task = Sample.Task(key, state, reason, epoch: 1) with { RetriesUsed = 1, InfraRetriesUsed = 2, WakeAt = Now.AddMinutes(5) };
        var attempts = cause is null ? [] : new[] { Sample.Attempt(key, 1, AttemptState.Failed, cause, exit, Sample.Start, 2) };
        var detail = new RunDetail(Sample.Run(Sample.Good, "hash", RunState.Running, Sample.Start), [task], attempts, []);
        var spec = Sample.Spec.Tasks[1];
        return new WhyFacts(detail, new TaskDetail(task, attempts, []), spec, Sample.Spec, new DagHead { Id = Sample.Dag }, null, 0, Now);
    }
}
