using Google.Protobuf.Reflection;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using Dags = OrleansFlow.Domain.Dags;
using Peers = OrleansFlow.Scheduling.Peers;
using Runs = OrleansFlow.Domain.Runs;
using Tasks = OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Contracts;

/// <summary>What the engine can say, the API can say. Values are matched by name: their numbers are the API's own.</summary>
public class MirrorTests
{
    [Fact]
    public void EnumsOfTheEngine_AreInTheApi()
    {
        Missing<Tasks.TaskState>(TaskReflection.Descriptor, "TaskState").ShouldBeEmpty();
        Missing<Tasks.TaskReason>(TaskReflection.Descriptor, "TaskReason").ShouldBeEmpty();
        Missing<Tasks.AttemptState>(TaskReflection.Descriptor, "AttemptState").ShouldBeEmpty();
        Missing<Tasks.AttemptCause>(TaskReflection.Descriptor, "AttemptCause").ShouldBeEmpty();
        Missing<Tasks.StopReason>(TaskReflection.Descriptor, "StopReason").ShouldBeEmpty();
        Missing<Runs.RunState>(RunReflection.Descriptor, "RunState").ShouldBeEmpty();
        Missing<Runs.RunKind>(RunReflection.Descriptor, "RunKind").ShouldBeEmpty();
        Missing<Dags.TriggerRule>(DagReflection.Descriptor, "TriggerRule").ShouldBeEmpty();
        Missing<Dags.Severity>(DagReflection.Descriptor, "Severity").ShouldBeEmpty();
        // a refusal is an error there
        Missing<Peers.ApplyOutcome>(DagServiceReflection.Descriptor, "ApplyOutcome").ShouldBe(["APPLY_OUTCOME_REFUSED"]);
    }

    private static IEnumerable<string> Missing<T>(FileDescriptor file, string name) where T : struct, Enum
    {
        var type = file.EnumTypes.Single(type => type.Name == name);
        return Names.All<T>()
            .Select(word => $"{ApiRules.Upper(name)}_{word.ToUpperInvariant()}")
            .Except(type.Values.Select(value => value.Name));
    }
}
