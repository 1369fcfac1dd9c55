using OrleansFlow.Contracts.V1;
using Model = OrleansFlow.Domain;
using Peers = OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Enums of the domain go over the wire by number.</summary>
public sealed class EnumTests
{
    [Theory]
    [InlineData(typeof(Model.Tasks.TaskState), typeof(TaskState))]
    [InlineData(typeof(Model.Tasks.TaskReason), typeof(TaskReason))]
    [InlineData(typeof(Model.Tasks.AttemptState), typeof(AttemptState))]
    [InlineData(typeof(Model.Tasks.AttemptCause), typeof(AttemptCause))]
    [InlineData(typeof(Model.Tasks.StopReason), typeof(StopReason))]
    [InlineData(typeof(Model.Runs.RunState), typeof(RunState))]
    [InlineData(typeof(Model.Runs.RunKind), typeof(RunKind))]
    [InlineData(typeof(Model.Dags.TriggerRule), typeof(TriggerRule))]
    [InlineData(typeof(Model.Dags.Severity), typeof(Severity))]
    [InlineData(typeof(OrleansFlow.Api.Installations.PartState), typeof(HealthStatus))]
    public void EveryValue_HasTheSameNameAndNumber_OnBothSides(Type domain, Type proto) =>
        Values(domain).ShouldBe(Values(proto).Where(value => value.Number != 0));

    [Fact]
    public void OutcomesOfAnApply_AreTheSame_ButForTheRefused() =>
        Values(typeof(Peers.ApplyOutcome)).Where(value => value.Name != nameof(Peers.ApplyOutcome.Refused))
            .ShouldBe(Values(typeof(ApplyOutcome)).Where(value => value.Number != 0));

    private static IEnumerable<(string Name, int Number)> Values(Type type) =>
        Enum.GetValues(type).Cast<object>().Select(value => (value.ToString()!, (int)value)).OrderBy(value => value.Item2);
}
