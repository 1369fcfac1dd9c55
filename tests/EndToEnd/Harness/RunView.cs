using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>The document of <c>flow runs show RUN -o json</c>: these names and no others, or reading it fails.</summary>
internal sealed record RunView(
    string Dag, string Run, string State, string? Detail, DateTimeOffset LogicalDate, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, TaskView[] Tasks)
{
    private static readonly JsonSerializerOptions s_exact = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public TaskView this[string task] => Tasks.Single(t => t.Task == task);

    public TaskView this[string task, int index] => Tasks.Single(t => t.Task == task && t.MapIndex == index);

    public static RunView Read(string json) => JsonSerializer.Deserialize<RunView>(json, s_exact)!;

    /// <summary>Tasks with their states, for one glance: <c>a:success b:failed</c>, by name.</summary>
    public string States => string.Join(' ', Tasks.Select(t => $"{t.Name}:{t.State}").Order(StringComparer.Ordinal));
}

internal sealed record TaskView(
    string Task,
    int? MapIndex,
    string State,
    string Reason,
    int RetriesUsed,
    int InfraRetriesUsed,
    AttemptView[] Attempts,
    ArtifactView[] Artifacts,
    ProgressView? Progress)
{
    public string Name => MapIndex is { } index ? $"{Task}[{index}]" : Task;

    /// <summary>The causes of its attempts in order: <c>host_lost none</c>.</summary>
    public string Causes => string.Join(' ', Attempts.OrderBy(a => a.Epoch).Select(a => a.Cause ?? "none"));

    public int Committed => Attempts.Count(a => a.State == "succeeded");
}

internal sealed record AttemptView(
    int Epoch,
    string State,
    string? Cause,
    int? ExitCode,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    string? Backend,
    string? Node,
    JsonElement? Evidence);

internal sealed record ArtifactView(string Name, long Size, string Sha256, string Uri)
{
    public string Path => new Uri(Uri).LocalPath;
}

internal sealed record ProgressView(double? Fraction, string Message, DateTimeOffset At);
