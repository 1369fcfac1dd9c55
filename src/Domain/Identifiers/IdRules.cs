using System.Buffers;

namespace OrleansFlow.Domain.Identifiers;

/// <summary>What an id may look like: ids become path segments, labels and keys, so they are kept tame.</summary>
public static class IdRules
{
    /// <summary>The greatest length of an id, in characters.</summary>
    public const int MaxLength = 200;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    /// <summary>What an id looks like, as a regular expression of JSON schemas; <c>..</c> is refused besides.</summary>
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$";

    /// <summary>Says what is wrong with an id, or null when it is fine. Thread-safe.</summary>
    /// <param name="id">The id of a DAG, a task, a group, a pool or a parameter.</param>
    public static string? Problem(string id) => id switch
    {
        "" => "an id cannot be empty",
        { Length: > MaxLength } => $"an id has at most {MaxLength} characters, this one has {id.Length}",
        _ when id.Contains("..", StringComparison.Ordinal) => $"'{id}' contains '..': ids become paths, so two dots in a row are refused",
        _ when !char.IsAsciiLetterOrDigit(id[0]) || id.AsSpan().ContainsAnyExcept(Allowed) =>
            $"'{id}' is not an id: it starts with a letter or digit, then letters, digits, '_', '-' and '.'",
        _ => null,
    };
}
