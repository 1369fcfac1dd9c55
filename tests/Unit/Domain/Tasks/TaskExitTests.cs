using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks;

/// <summary>What an exit makes of a task.</summary>
public class TaskExitTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void ExitZero_Succeeds_AndPublishes()
    {
        var outputs = new StagedOutputs([new StagedFile("model.pkl", 3, "ab", "file:///m")], new Dictionary<string, string> { ["rows"] = "5" });
        var life = Life.Running();
        life.Later(Minute);
        var step = life.Do(life.Exited(0, outputs));

        step.Verdict.ShouldBe(Verdict.Changed);
        life.Row.State.ShouldBe(TaskState.Success);
        life.Row.Reason.ShouldBe(TaskReason.Completed);
        life.Row.EndedAt.ShouldBe(Life.Midnight + Minute);
        life.Row.Unreported.ShouldBeTrue();
        life.Row.WakeAt.ShouldBeNull();
        step.Publish.ShouldBe(outputs);
        step.Effects.ShouldBe([new ReleaseAttempt(life.Attempts[1])]);
        life.Attempts[1].State.ShouldBe(AttemptState.Succeeded);
        life.Attempts[1].Cause.ShouldBeNull();
        life.Attempts[1].ExitCode.ShouldBe(0);
        life.State.Live.ShouldBeNull();
    }

    [Fact]
    public void ExitZero_WithNothingStaged_PublishesNothing_ButPublishes()
    {
        var life = Life.Running();
        life.Do(life.Exited(0)).Publish.ShouldBe(StagedOutputs.None);
    }

    [Fact]
    public void AnythingButSuccess_PublishesNothing()
    {
        foreach (var code in new[] { 1, 75, 99, 143 })
        {
            var life = Life.Running();
            life.Do(life.Exited(code, StagedOutputs.None)).Publish.ShouldBeNull($"exit code {code}");
        }
    }

    [Fact]
    public void ShortAttempt_ThatNeverShowedRunning_GoesThroughRunning()
    {
        var life = Life.Queued();
        var step = life.Do(life.Exited(0));

        step.Trail.Select(transition => transition.State).ShouldBe([TaskState.Running, TaskState.Success]);
        life.Row.StartedAt.ShouldBe(Life.Midnight);
        life.Row.Fence.ShouldBe(1);
        life.Attempts[1].Node.ShouldBe("node-1");
        life.Attempts[1].StartedAt.ShouldBe(Life.Midnight);
        step.Effects.ShouldBe([new ReleaseAttempt(life.Attempts[1])]);
    }

    [Fact]
    public void Failure_WithoutRetries_IsFinal()
    {
        var life = Life.Running();
        life.Do(life.Exited(2));
        life.Row.State.ShouldBe(TaskState.Failed);
        life.Row.Reason.ShouldBe(TaskReason.ExitCode);
        life.Row.Detail.ShouldBe("exit code 2");
        life.Row.RetriesUsed.ShouldBe(0);
        life.Row.Unreported.ShouldBeTrue();
        life.Attempts[1].State.ShouldBe(AttemptState.Failed);
        life.Attempts[1].Cause.ShouldBe(AttemptCause.Application);
    }

    [Fact]
    public void Failure_WithRetries_WaitsTheDelay_FromTheEndOfTheAttempt()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 1 }));
        life.Later(Minute);
        var exited = life.Exited(1);
        life.Later(Minute);
        life.Do(exited);
        life.Row.State.ShouldBe(TaskState.UpForRetry);
        life.Row.RetriesUsed.ShouldBe(1);
        life.Row.WakeAt.ShouldBe(Life.Midnight + Minute + TimeSpan.FromMinutes(5));
        life.Row.Unreported.ShouldBeFalse();
        life.Row.EndedAt.ShouldBeNull();

        life.Do(new Due()).Verdict.ShouldBe(Verdict.Unchanged);
        life.Now = life.Row.WakeAt!.Value;
        life.Do(new Due());
        life.Row.State.ShouldBe(TaskState.Scheduled);
        life.Do(new Admitted());
        life.Live.Key.Epoch.ShouldBe(2);
        life.Do(life.Exited(1));
        life.Row.State.ShouldBe(TaskState.Failed);
    }

    [Theory]
    [InlineData(99, TaskState.Skipped, TaskReason.SkipExitCode, AttemptState.Succeeded, null)]
    [InlineData(3, TaskState.Skipped, TaskReason.SkipExitCode, AttemptState.Succeeded, null)]
    [InlineData(65, TaskState.Failed, TaskReason.ExitCode, AttemptState.Failed, AttemptCause.Application)]
    [InlineData(1, TaskState.UpForRetry, TaskReason.ExitCode, AttemptState.Failed, AttemptCause.Application)]
    [InlineData(143, TaskState.UpForRetry, TaskReason.ExitCode, AttemptState.Failed, AttemptCause.Application)]
    [InlineData(75, TaskState.Queued, TaskReason.InfraLost, AttemptState.Lost, AttemptCause.Stopped)]
    public void ExitCode_DecidesByTheTasksLists(int code, TaskState state, TaskReason reason, AttemptState attempt, AttemptCause? cause)
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 2, SkipExitCodes = [99, 3], FailExitCodes = [65] }));
        life.Do(life.Exited(code));
        life.Row.State.ShouldBe(state);
        life.Row.Reason.ShouldBe(reason);
        life.Attempts[1].State.ShouldBe(attempt);
        life.Attempts[1].Cause.ShouldBe(cause);
    }

    [Fact]
    public void ExitSeventyFive_RunsAgainAtOnce_AtTheCostOfInfraRetries()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 2 }));
        var step = life.Do(life.Exited(75));
        life.Row.InfraRetriesUsed.ShouldBe(1);
        life.Row.RetriesUsed.ShouldBe(0);
        life.Live.Key.Epoch.ShouldBe(2);
        step.Effects.ShouldBe([new ReleaseAttempt(life.Attempts[1]), new LaunchAttempt(life.Attempts[2])]);
    }

    [Fact]
    public void OutOfMemory_IsAFailureOfTheTask_WhateverItsExitCode()
    {
        foreach (var code in new[] { 0, 137, 99 })
        {
            var life = Life.Running(Life.Task(retry => retry with { Retries = 1 }));
            life.Do(life.Exited(new ExitReport { ExitCode = code, At = life.Now, OutOfMemory = true }));
            life.Row.State.ShouldBe(TaskState.UpForRetry);
            life.Row.Reason.ShouldBe(TaskReason.Oom);
            life.Row.Detail.ShouldNotBeNull().ShouldContain("memory limit");
            life.Attempts[1].Cause.ShouldBe(AttemptCause.Oom);
        }
    }

    [Fact]
    public void ExitZero_WithOutputsThatCannotBeCommitted_IsAFailure_ThatSaysWhich()
    {
        var life = Life.Running(Life.Task(retry => retry with { Retries = 1 }));
        var step = life.Do(life.Exited(new ExitReport { ExitCode = 0, At = life.Now, OutputProblem = "model.pkl is missing" }));
        life.Row.State.ShouldBe(TaskState.UpForRetry);
        life.Row.Reason.ShouldBe(TaskReason.Outputs);
        life.Row.Detail.ShouldBe("model.pkl is missing");
        step.Publish.ShouldBeNull();
    }

    [Theory]
    [InlineData(1, null, TaskState.Failed)] // fail_on by exit code
    [InlineData(2, "DataError", TaskState.UpForRetry)] // retry_on by error class
    [InlineData(2, null, TaskState.Failed)] // retry_on is there, and nothing of it matches
    [InlineData(1, "DataError", TaskState.Failed)] // fail_on is asked first
    public void Rules_FirstMatchWins(int code, string? error, TaskState state)
    {
        var life = Life.Running(Life.Task(retry => retry with
        {
            Retries = 5,
            FailOn = [new FailureRule { ExitCodes = [1] }],
            RetryOn = [new FailureRule { Errors = ["DataError"] }],
        }));
        life.Do(life.Exited(new ExitReport { ExitCode = code, At = life.Now, ErrorClass = error }));
        life.Row.State.ShouldBe(state);
        if (state == TaskState.Failed) life.Row.Detail.ShouldBe($"exit code {code}; the task's rules do not retry this");
    }

    [Fact]
    public void Rules_ByReason_TellOomFromTheRest()
    {
        var spec = Life.Task(retry => retry with { Retries = 5, FailOn = [new FailureRule { Reasons = [AttemptCause.Oom] }] });
        var oom = Life.Running(spec);
        oom.Do(oom.Exited(new ExitReport { ExitCode = 137, At = oom.Now, OutOfMemory = true }));
        oom.Row.State.ShouldBe(TaskState.Failed);

        var other = Life.Running(spec);
        other.Do(other.Exited(137));
        other.Row.State.ShouldBe(TaskState.UpForRetry);
    }

    [Fact]
    public void Evidence_OfTheEnd_ReplacesThatOfTheStart()
    {
        var life = Life.Running();
        life.Do(life.Exited(new ExitReport { ExitCode = 1, At = life.Now, Evidence = """{"signal":9}""" }));
        life.Attempts[1].Evidence.ShouldBe("""{"signal":9}""");
    }
}
