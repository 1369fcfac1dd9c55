using FsCheck;
using FsCheck.Fluent;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks;

/// <summary>What holds whatever happens, in whatever order, however often.</summary>
public class TaskMachineProperties
{
    private static readonly int[] Codes = [0, 1, 2, 75, 99, 137, 143];
    private static readonly AttemptCause[] Losses =
        [AttemptCause.Preempted, AttemptCause.NodeLost, AttemptCause.HostLost, AttemptCause.Unknown, AttemptCause.Stopped];

    [Fact]
    public void Invariants_HoldForEveryHistory() =>
        Prop.ForAll(Histories, moves =>
        {
            var life = Life.Scheduled(SpecOf(moves));
            var past = new List<AttemptEvent>();
            foreach (var move in moves) Check(life, Next(life, past, move));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void EveryHistory_EndsByItself_OnceTheWorldBehaves() =>
        Prop.ForAll(Histories, moves =>
        {
            var life = Life.Scheduled(SpecOf(moves));
            var past = new List<AttemptEvent>();
            foreach (var move in moves) Check(life, Next(life, past, move));
            for (var i = 0; i < 100 && !life.Row.State.IsFinished(); i++)
            {
                if (life.State.Live is { Stop: not null }) Check(life, life.Lost());
                else if (life.State.Live is not null) Check(life, life.Exited(0));
                else if (life.Row.State == TaskState.Scheduled) Check(life, new Admitted());
                else
                {
                    life.Row.WakeAt.ShouldNotBeNull($"{life.Row.State} without an attempt and without a time to wake");
                    if (life.Row.WakeAt > life.Now) life.Now = life.Row.WakeAt.Value;
                    Check(life, new Due());
                }
            }

            return life.Row.State.IsFinished();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    private static Arbitrary<int[]> Histories => Arb.From(Gen.Choose(0, 1_000_000).ArrayOf(), Shorter);

    private static IEnumerable<int[]> Shorter(int[] moves) =>
        Enumerable.Range(0, moves.Length).Select(left => moves.Where((_, i) => i != left).ToArray());

    private static TaskSpec SpecOf(int[] moves) => (moves.Length % 4) switch
    {
        0 => Life.Task(),
        1 => Life.Task(retry => retry with { Retries = 2, InfraRetries = 1, LaunchRetries = 1 }) with { Timeout = TimeSpan.FromMinutes(30) },
        2 => Life.Task(retry => retry with { Retries = 1, Backoff = 2, InfraRetries = 0 }) with { QueuedTimeout = TimeSpan.FromMinutes(20) },
        _ => Life.Task(retry => retry with { Retries = 3, LaunchRetries = 0, FailExitCodes = [2] }) with
        {
            Timeout = TimeSpan.FromMinutes(5), QueuedTimeout = TimeSpan.FromMinutes(5),
        },
    };

    // Anything that can be heard: of the live attempt, or once more of an earlier one.
    private static TaskEvent Next(Life life, List<AttemptEvent> past, int move)
    {
        var pick = move / 16;
        life.Later(TimeSpan.FromMinutes(pick % 11));
        if (move % 16 < 5 || life.State.Live is null)
            return (move % 7) switch
            {
                0 => new CancelRequested(pick % 3 == 0 ? TaskReason.Cancelled : TaskReason.RunTimeout),
                1 => new Refused(TaskReason.LimitReached, $"limit {pick % 2}"),
                2 or 3 when past.Count > 0 => past[pick % past.Count],
                4 or 5 => new Admitted(),
                _ => new Due(),
            };
        AttemptEvent word = (move % 16) switch
        {
            5 or 6 => life.Started(),
            7 or 8 => life.Exited(Codes[pick % Codes.Length]),
            9 => life.Exited(new ExitReport { ExitCode = 0, At = life.Now, OutOfMemory = pick % 2 == 0, OutputProblem = pick % 2 == 1 ? "missing" : null }),
            10 or 11 => life.Lost(Losses[pick % Losses.Length]),
            12 => life.LaunchRefused(permanent: pick % 4 == 0),
            13 => life.Pending(),
            _ => life.Checkpoint(pick % 6),
        };
        past.Add(word);
        return word;
    }

    private static void Check(Life life, TaskEvent @event)
    {
        var before = life.State;
        var attemptsBefore = new Dictionary<int, Attempt>(life.Attempts);
        var step = life.Do(@event);
        var after = life.Row;
        var story = $"{@event} in {before.Row.State}";

        step.Verdict.ShouldNotBe(Verdict.Illegal, story);
        if (step.Verdict != Verdict.Changed) life.State.ShouldBe(before, story);
        if (before.Row.State.IsFinished()) life.State.ShouldBe(before, "a finished task absorbs " + @event);
        TracksEdges(before.Row.State, step).ShouldBeTrue(story);

        after.Epoch.ShouldBeInRange(before.Row.Epoch, before.Row.Epoch + 1, story);
        after.Fence.ShouldBeInRange(before.Row.Fence, after.Epoch, story);
        after.RetriesUsed.ShouldBeInRange(before.Row.RetriesUsed, life.Spec.Retry.Retries, story);
        after.InfraRetriesUsed.ShouldBeInRange(before.Row.InfraRetriesUsed, life.Spec.Retry.InfraRetries, story);
        after.LaunchRetriesUsed.ShouldBeInRange(before.Row.LaunchRetriesUsed, life.Spec.Retry.LaunchRetries, story);
        after.UnknownRetriesUsed.ShouldBeInRange(before.Row.UnknownRetriesUsed, RetryPolicy.UnknownRetries, story);

        var unfinished = life.Attempts.Values.Where(attempt => !attempt.State.IsFinished()).ToArray();
        unfinished.ShouldBe(step.Live is null ? [] : [step.Live], story);
        foreach (var (epoch, attempt) in attemptsBefore)
            if (attempt.State != life.Attempts[epoch].State) TaskEdges.IsLegal(attempt.State, life.Attempts[epoch].State).ShouldBeTrue(story);
        life.Attempts.Values.Count(attempt => attempt.State == AttemptState.Succeeded).ShouldBeLessThanOrEqualTo(1, story);

        // A task shows running while an attempt runs, and is unreported exactly when it has finished.
        (after.State == TaskState.Running).ShouldBe(step.Live?.State == AttemptState.Running, story);
        after.Unreported.ShouldBe(after.State.IsFinished(), story);
        (after.EndedAt is not null).ShouldBe(after.State.IsFinished(), story);
        (step.Publish is not null).ShouldBe(step.Trail.Any(transition => transition.State == TaskState.Success), story);
        step.Effects.OfType<LaunchAttempt>().ShouldAllBe(launch => launch.Attempt == step.Live);
    }

    private static bool TracksEdges(TaskState from, TaskStep step)
    {
        foreach (var transition in step.Trail)
        {
            if (!TaskEdges.IsLegal(from, transition.State)) return false;
            from = transition.State;
        }

        return from == step.Task.State;
    }
}
