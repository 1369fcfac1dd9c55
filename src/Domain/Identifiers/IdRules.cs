using System.Text.RegularExpressions;

namespace OrleansFlow.Domain.Identifiers;

/// <summary>What an id may look like: ids become path segments, labels and keys, so they are kept tame.</summary>
public static partial class IdRules
{
    /// <summary>The greatest length of an id, in characters.</summary>
    public const int MaxLength = 200;

    /// <summary>Says what is wrong with an id, or null when it is fine. Thread-safe.</summary>
    /// <param name="id">The id of a DAG, a task, a group, a pool or a parameter.</param>
    public static string? Problem(string id) => id switch
    {
        "" => "an id cannot be empty",
        { Length: > MaxLength } => $"an id has at most {MaxLength} characters, this one has {id.Length}",
        _ when id.Contains("..", StringComparison.Ordinal) => $"'{id}' contains '..': ids become paths, so two dots in a row are refused",
        _ when !Allowed().IsMatch(id) =>
            $"'{id}' is not an id: it starts with a letter or digit, then letters, digits, '_', '-' and '.'",
        _ => null,
    };

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Allowed();
}
