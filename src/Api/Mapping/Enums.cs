using Domain = OrleansFlow.Domain;
using Peers = OrleansFlow.Scheduling.Peers;
using V1 = OrleansFlow.Contracts.V1;

namespace OrleansFlow.Api.Mapping;

/// <summary>Enums of the domain and of the API have the same numbers; a test proves that every value has a name on both sides.</summary>
internal static class Enums
{
    public static V1.TaskState ToProto(this Domain.Tasks.TaskState state) => (V1.TaskState)(int)state;

    public static V1.TaskReason ToProto(this Domain.Tasks.TaskReason reason) => (V1.TaskReason)(int)reason;

    public static V1.AttemptState ToProto(this Domain.Tasks.AttemptState state) => (V1.AttemptState)(int)state;

    public static V1.AttemptCause ToProto(this Domain.Tasks.AttemptCause? cause) => (V1.AttemptCause)(int)(cause ?? 0);

    public static V1.StopReason ToProto(this Domain.Tasks.StopReason? reason) => (V1.StopReason)(int)(reason ?? 0);

    public static V1.RunState ToProto(this Domain.Runs.RunState state) => (V1.RunState)(int)state;

    public static V1.RunKind ToProto(this Domain.Runs.RunKind kind) => (V1.RunKind)(int)kind;

    public static V1.TriggerRule ToProto(this Domain.Dags.TriggerRule rule) => (V1.TriggerRule)(int)rule;

    public static V1.Severity ToProto(this Domain.Dags.Severity severity) => (V1.Severity)(int)severity;

    public static V1.ApplyOutcome ToProto(this Peers.ApplyOutcome outcome) => (V1.ApplyOutcome)(int)outcome;

    public static Domain.Tasks.TaskState ToDomain(this V1.TaskState state) => (Domain.Tasks.TaskState)(int)state;

    public static Domain.Runs.RunState ToDomain(this V1.RunState state) => (Domain.Runs.RunState)(int)state;
}
