using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansFlow.Execution.LocalProcess.Processes;

namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>What is known of an attempt's process, as it stands in <c>task_attempt.evidence</c>. Absent: not known, or not so.</summary>
internal sealed record Evidence
{
    /// <summary>The command's pid: also its session and process group.</summary>
    public int? Pid { get; init; }

    /// <summary>When it started, in clock ticks since boot.</summary>
    public ulong? StartTime { get; init; }

    /// <summary>Which boot of the machine.</summary>
    public string? BootId { get; init; }

    /// <summary>The signal that ended it.</summary>
    public int? Signal { get; init; }

    /// <summary>Why we told it to stop.</summary>
    public string? Stop { get; init; }

    /// <summary>It did not end within its grace period, and we sent SIGKILL.</summary>
    public bool? Killed { get; init; }

    /// <summary>
    /// The greatest memory of one of its processes, in bytes; absent when that was less than the host's own greatest, since the system
    /// then reports the host's.
    /// </summary>
    public long? MaxResidentBytes { get; init; }

    /// <summary>Processes that it left behind, which were ended.</summary>
    public IReadOnlyList<int>? Leftovers { get; init; }

    /// <summary>Processes that could not be ended.</summary>
    public IReadOnlyList<int>? Stuck { get; init; }

    /// <summary>In words.</summary>
    public string? Detail { get; init; }

    public static Evidence Of(int pid) =>
        new() { Pid = pid, StartTime = ProcessTable.Find(pid)?.StartTime, BootId = ProcessTable.BootId };

    public string ToJson() => JsonSerializer.Serialize(this, EvidenceJson.Default.Evidence);

    public static Evidence? TryParse(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize(json, EvidenceJson.Default.Evidence);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Evidence))]
internal sealed partial class EvidenceJson : JsonSerializerContext;
