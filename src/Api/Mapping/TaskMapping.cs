using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Api.Names;
using OrleansFlow.Contracts;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;
using Domain = OrleansFlow.Domain;

namespace OrleansFlow.Api.Mapping;

/// <summary>Task instances, attempts and what they published as the API has them.</summary>
internal static class TaskMapping
{
    /// <summary>A task instance.</summary>
    /// <param name="detail">The rows.</param>
    /// <param name="logOf">Where the log of an attempt lies; null: without attempts and artifacts.</param>
    public static TaskInstance ToProto(this TaskDetail detail, Func<AttemptKey, string>? logOf)
    {
        var task = detail.Task;
        var proto = new TaskInstance
        {
            Name = ResourceNames.Of(task.Key),
            TaskId = task.Key.Task.Value,
            MapItem = JsonValues.ToValue(task.MapItem),
            State = task.State.ToProto(),
            Reason = task.Reason.ToProto(),
            Detail = task.Detail ?? "",
            Version = task.Version,
            Epoch = task.Epoch,
            RetriesUsed = task.RetriesUsed,
            InfraRetriesUsed = task.InfraRetriesUsed,
            LaunchRetriesUsed = task.LaunchRetriesUsed,
            UnknownRetriesUsed = task.UnknownRetriesUsed,
            ScheduleTime = task.ScheduledAt.ToProto(),
            StartTime = task.StartedAt.ToProto(),
            EndTime = task.EndedAt.ToProto(),
            WakeTime = task.WakeAt.ToProto(),
            Pool = ResourceNames.OfPool(task.Pool),
            PoolSlots = task.PoolSlots,
            Priority = task.Priority,
        };
        if (task.Key.IsMapped) proto.MapIndex = task.Key.MapIndex;
        proto.Progress = detail.Progress?.ToProto();
        if (logOf is null) return proto;
        proto.Attempts.AddRange(detail.Attempts.Select(attempt => attempt.ToProto(logOf(attempt.Key))));
        proto.Artifacts.AddRange(detail.Artifacts.Select(ToProto));
        return proto;
    }

    public static TaskProgress ToProto(this Domain.Tasks.TaskProgress progress)
    {
        var proto = new TaskProgress { Message = progress.Message, UpdateTime = progress.At.ToProto() };
        if (progress.Fraction is { } fraction) proto.Fraction = fraction;
        return proto;
    }

    public static Attempt ToProto(this Domain.Tasks.Attempt attempt, string log)
    {
        var proto = new Attempt
        {
            Name = ResourceNames.Of(attempt.Key),
            Epoch = attempt.Key.Epoch,
            State = attempt.State.ToProto(),
            Cause = attempt.Cause.ToProto(),
            Stop = attempt.Stop.ToProto(),
            CreateTime = attempt.CreatedAt.ToProto(),
            StartTime = attempt.StartedAt.ToProto(),
            EndTime = attempt.EndedAt.ToProto(),
            Backend = attempt.Backend ?? "",
            Node = attempt.Node ?? "",
            Evidence = JsonValues.ToStruct(attempt.Evidence),
            LogUri = log,
        };
        if (attempt.ExitCode is { } exitCode) proto.ExitCode = exitCode;
        if (attempt.Checkpoint is { } checkpoint) proto.Checkpoint = checkpoint;
        return proto;
    }

    public static Artifact ToProto(this Domain.Data.Artifact artifact) => new()
    {
        Name = ResourceName.OfArtifact(ResourceNames.Of(artifact.Task), artifact.Name),
        Path = artifact.Name,
        SizeBytes = artifact.Size,
        Sha256 = artifact.Sha256,
        Uri = artifact.Uri,
        Epoch = artifact.Epoch,
    };

    /// <summary>An xcom as a file to download, and its content when that is not in the artifact store.</summary>
    public static (Domain.Data.Artifact File, byte[]? Inline) ToArtifact(this Domain.Data.Xcom xcom)
    {
        if (xcom.Stored is { } stored) return (new Domain.Data.Artifact(xcom.Task, xcom.Key, xcom.Epoch, stored.Size, stored.Sha256, stored.Uri), null);
        var content = Encoding.UTF8.GetBytes(xcom.Value ?? "");
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        return (new Domain.Data.Artifact(xcom.Task, xcom.Key, xcom.Epoch, content.Length, sha256, ""), content);
    }

    public static Xcom ToProto(this Domain.Data.Xcom xcom) => new()
    {
        Name = ResourceName.OfXcom(ResourceNames.Of(xcom.Task), xcom.Key),
        Key = xcom.Key,
        ValueJson = xcom.Value ?? "",
        Epoch = xcom.Epoch,
        SizeBytes = xcom.Stored?.Size ?? Encoding.UTF8.GetByteCount(xcom.Value ?? ""),
    };
}
