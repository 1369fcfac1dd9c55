using Wire = OrleansFlow.Contracts.V1;

namespace OrleansFlow.Tests.Unit.Cli.Remote;

/// <summary>States and reasons have the same numbers in the API and in the domain: the CLI maps by them.</summary>
public sealed class NumbersTests
{
    [Fact]
    public void RunStates_AreTheSame() => Same<Wire.RunState, OrleansFlow.Domain.Runs.RunState>();

    [Fact]
    public void RunKinds_AreTheSame() => Same<Wire.RunKind, OrleansFlow.Domain.Runs.RunKind>();

    [Fact]
    public void TaskStates_AreTheSame() => Same<Wire.TaskState, OrleansFlow.Domain.Tasks.TaskState>();

    [Fact]
    public void TaskReasons_AreTheSame() => Same<Wire.TaskReason, OrleansFlow.Domain.Tasks.TaskReason>();

    [Fact]
    public void AttemptStates_AreTheSame() => Same<Wire.AttemptState, OrleansFlow.Domain.Tasks.AttemptState>();

    [Fact]
    public void AttemptCauses_AreTheSame() => Same<Wire.AttemptCause, OrleansFlow.Domain.Tasks.AttemptCause>();

    [Fact]
    public void StopReasons_AreTheSame() => Same<Wire.StopReason, OrleansFlow.Domain.Tasks.StopReason>();

    [Fact]
    public void ApplyOutcomes_AreTheSame() =>
        Enum.GetValues<Wire.ApplyOutcome>().Where(value => value != 0).Select(value => (value.ToString(), (int)value))
            .ShouldBeSubsetOf(Enum.GetValues<OrleansFlow.Scheduling.Peers.ApplyOutcome>().Select(value => (value.ToString(), (int)value)));

    private static void Same<TWire, TDomain>() where TWire : struct, Enum where TDomain : struct, Enum =>
        Enum.GetValues<TWire>().Select(value => (value.ToString(), Convert.ToInt32(value, null))).Where(value => value.Item2 != 0)
            .ShouldBe(Enum.GetValues<TDomain>().Select(value => (value.ToString(), Convert.ToInt32(value, null))), ignoreOrder: true);
}
