using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>Checkpoints.</summary>
public abstract partial class TaskContractConformance
{
    private const string Save = "save() { echo $1 > $FLOW_CHECKPOINT/.n; mv $FLOW_CHECKPOINT/.n $FLOW_CHECKPOINT/READY; }; ";
    private const string Safe = "safe() { while [ -e $FLOW_CHECKPOINT/READY ]; do sleep 0.02; done; }; ";

    [Fact]
    public async Task Checkpoint_IsSavedWhileTheCommandRuns_AndRestoredIntoTheNextAttempt()
    {
        var first = BackendHarness.Shell(
            Save + Safe + "mkdir $FLOW_CHECKPOINT/d; echo state-1 > $FLOW_CHECKPOINT/d/model; save 1; safe; " +
            "echo state-2 > $FLOW_CHECKPOINT/d/model; save 2; safe; echo unsaved > $FLOW_CHECKPOINT/d/model; exit 75");
        (await Harness.RunAsync(first)).ExitCode.ShouldBe(75);
        (await Harness.SeeAsync<CheckpointSaved>(first, saved => saved.Number == 1)).Attempt.ShouldBe(first.Key);
        var last = await Harness.SeeAsync<CheckpointSaved>(first, saved => saved.Number == 2);
        (await Backend.ListAsync(CancellationToken.None)).OfType<CheckpointSaved>().ShouldBeEmpty("both are acknowledged");

        var next = BackendHarness.Shell("cat $FLOW_CHECKPOINT/d/model; echo mine > $FLOW_CHECKPOINT/d/model; ls $FLOW_CHECKPOINT", epoch: 2) with
        {
            Checkpoint = new Checkpoint(first.Key.Task, 1, 2, last.Uri),
        };
        await Harness.SucceedAsync(next);
        Harness.Printed(next).ShouldBe(["state-2", "d"]);

        await Harness.SucceedAsync(next with { Uid = Guid.NewGuid() });
        Harness.Printed(next).Count(line => line == "state-2").ShouldBe(2, "what a task does with its copy changes no checkpoint");
    }

    [Fact]
    public async Task Checkpoint_OfACommandThatEndsAtOnce_IsSavedToo()
    {
        var plan = BackendHarness.Shell(Save + "echo last > $FLOW_CHECKPOINT/x; save 41; exit 1") with { CheckpointEvery = TimeSpan.FromHours(1) };
        (await Harness.RunAsync(plan)).ExitCode.ShouldBe(1);
        (await Harness.SeeAsync<CheckpointSaved>(plan)).Number.ShouldBe(41);
    }

    [Fact]
    public async Task Ready_StaysUntilTheCheckpointIsAcknowledged_AndTheListTellsItUntilThen()
    {
        Harness.AcknowledgesCheckpoints = false;
        using var gate = new Gate();
        var plan = BackendHarness.Shell(Save + Safe + $"save 3; {gate.Wait} [ -e $FLOW_CHECKPOINT/READY ] && echo waits; safe; echo goes on");
        await Backend.LaunchAsync(plan, CancellationToken.None);
        var saved = await Harness.SeeAsync<CheckpointSaved>(plan);
        await Harness.AcknowledgeAsync(saved with { Number = 2 });
        await Harness.AcknowledgeAsync(saved with { Uid = Guid.NewGuid() });
        (await Backend.ListAsync(CancellationToken.None)).OfType<CheckpointSaved>().ShouldHaveSingleItem().ShouldBe(saved);
        gate.Open();
        await Harness.SeeLogAsync(plan, "out waits");

        await Harness.AcknowledgeAsync(saved);
        await Harness.AcknowledgeAsync(saved);
        (await Harness.SeeAsync<AttemptExited>(plan)).Exit.ExitCode.ShouldBe(0);
        Harness.Printed(plan).ShouldBe(["waits", "goes on"]);
        (await Backend.ListAsync(CancellationToken.None)).OfType<CheckpointSaved>().ShouldBeEmpty();
        await Harness.AcknowledgeAsync(saved);
    }

    [Fact]
    public async Task Acknowledgement_LeavesAReadyThatIsNewer()
    {
        Harness.AcknowledgesCheckpoints = false;
        using var gate = new Gate();
        var plan = BackendHarness.Shell(Save + Safe + $"save 1; {gate.Wait} save 2; echo second; safe");
        await Backend.LaunchAsync(plan, CancellationToken.None);
        var first = await Harness.SeeAsync<CheckpointSaved>(plan);
        gate.Open();
        await Harness.SeeLogAsync(plan, "out second");
        await Harness.AcknowledgeAsync(first);
        var second = await Harness.SeeAsync<CheckpointSaved>(plan, saved => saved.Number == 2);
        await Harness.AcknowledgeAsync(first);
        (await Backend.ListAsync(CancellationToken.None)).OfType<CheckpointSaved>().ShouldHaveSingleItem().ShouldBe(second);
        await Harness.AcknowledgeAsync(second);
        (await Harness.SeeAsync<AttemptExited>(plan)).Exit.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Checkpoint_WhoseNumberDidNotGrow_IsIgnored_AndSaidSo()
    {
        var plan = BackendHarness.Shell(Save + Safe + "save 5; safe; save 5; safe; save 4; safe; save 6; safe");
        await Harness.SucceedAsync(plan);
        await Harness.SeeAsync<CheckpointSaved>(plan, saved => saved.Number == 6);
        Harness.Printed(plan, "flow").Count(line => line.Contains("is ignored", StringComparison.Ordinal)).ShouldBe(2);

        var next = BackendHarness.Shell(Save + Safe + "save 6; safe; save 7; safe", epoch: 2) with { Checkpoint = new Checkpoint(plan.Key.Task, 1, 6, "") };
        await Harness.SucceedAsync(next);
        await Harness.SeeAsync<CheckpointSaved>(next, saved => saved.Number == 7);
        Harness.Printed(next, "flow").ShouldContain("the checkpoint 6 is ignored: its number is not greater than 6.");
    }

    [Theory]
    [InlineData("save soon", "READY holds 'soon'")]
    [InlineData("mkdir $FLOW_CHECKPOINT/READY", null)]
    [InlineData("ln -s /etc $FLOW_CHECKPOINT/x; save 1", "symbolic link out of the folder")]
    public async Task CheckpointThatCannotBeSaved_IsSaid_AndDoesNotFailTheTask(string line, string? expected)
    {
        var plan = BackendHarness.Shell(Save + line);
        await Harness.SucceedAsync(plan);
        (await Backend.ListAsync(CancellationToken.None)).OfType<CheckpointSaved>().ShouldBeEmpty();
        if (expected is not null) Harness.LogOf(plan).ShouldContain(expected);
    }

    [Fact]
    public async Task CheckpointThatIsGone_IsALaunchFailure_ThatSaysWhatToDo()
    {
        var plan = BackendHarness.Shell("true", epoch: 2);
        plan = plan with { Checkpoint = new Checkpoint(plan.Key.Task, 1, 9, "file:///gone") };
        var failure = (await Should.ThrowAsync<LaunchException>(() => Backend.LaunchAsync(plan, CancellationToken.None))).Message;
        failure.ShouldContain("the checkpoint 9");
        failure.ShouldContain("clear the task");
    }

    /// <summary>What a command waits for until the test lets it go on.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly string _file = Path.Combine(Path.GetTempPath(), $"flow-gate-{Guid.NewGuid():N}");

        public string Wait => $"until [ -e {_file} ]; do sleep 0.02; done;";

        public void Open() => File.WriteAllText(_file, "");

        public void Dispose() => File.Delete(_file);
    }
}
