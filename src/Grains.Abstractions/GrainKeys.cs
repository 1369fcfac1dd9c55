using System.Globalization;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Grains.Abstractions;

/// <summary>The keys of grains whose rows have keys of several parts. Ids have no slash, so a slash parts them.</summary>
public static class GrainKeys
{
    private const char Slash = '/';

    /// <summary>The key of a task instance's grain: <c>run/task</c>, or <c>run/task/3</c> for an element of a mapped task.</summary>
    public static string Of(TaskKey task) => task.ToString();

    /// <summary>The task instance that a key names.</summary>
    public static TaskKey TaskOf(string key)
    {
        var run = key.IndexOf(Slash, StringComparison.Ordinal);
        var element = key.IndexOf(Slash, run + 1);
        return element < 0
            ? new TaskKey(new RunId(key[..run]), new TaskId(key[(run + 1)..]))
            : new TaskKey(new RunId(key[..run]), new TaskId(key[(run + 1)..element]), int.Parse(key.AsSpan(element + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }

    /// <summary>The run's part of the key of a run's or task instance's grain; of other keys all of it.</summary>
    public static ReadOnlySpan<char> RunOf(ReadOnlySpan<char> key) => key.IndexOf(Slash) is >= 0 and var end ? key[..end] : key;
}
