using System.Collections.Frozen;
using System.Text;

namespace OrleansFlow.Domain.Identifiers;

/// <summary>
/// The names of enum members as they are stored, printed and read: <c>TaskState.UpForRetry</c> is <c>up_for_retry</c>.
/// Thread-safe.
/// </summary>
public static class Names
{
    /// <summary>The snake_case name of an enum member.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no member of its enum: zero, for instance.</exception>
    public static string Of<T>(T value) where T : struct, Enum =>
        Table<T>.Names.TryGetValue(value, out var name)
            ? name
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"not a {typeof(T).Name}");

    /// <summary>The member that a snake_case name stands for.</summary>
    /// <exception cref="FormatException">No member has that name; the message lists those that exist.</exception>
    public static T Parse<T>(string name) where T : struct, Enum =>
        TryParse<T>(name, out var value)
            ? value
            : throw new FormatException($"'{name}' is not one of {string.Join(", ", All<T>())}");

    /// <summary>The member that a snake_case name stands for, if there is one.</summary>
    public static bool TryParse<T>(string name, out T value) where T : struct, Enum =>
        Table<T>.Values.TryGetValue(name, out value);

    /// <summary>Every name of an enum, in the order of its numbers.</summary>
    public static IReadOnlyList<string> All<T>() where T : struct, Enum => Table<T>.Ordered;

    private static class Table<T> where T : struct, Enum
    {
        public static readonly string[] Ordered = [.. Enum.GetValues<T>().Select(Snake)];
        public static readonly FrozenDictionary<T, string> Names = Enum.GetValues<T>().ToFrozenDictionary(v => v, Snake);
        public static readonly FrozenDictionary<string, T> Values =
            Enum.GetValues<T>().ToFrozenDictionary(Snake, v => v, StringComparer.Ordinal);

        private static string Snake(T value)
        {
            var name = new StringBuilder();
            foreach (var c in value.ToString())
            {
                if (char.IsUpper(c) && name.Length > 0) name.Append('_');
                name.Append(char.ToLowerInvariant(c));
            }

            return name.ToString();
        }
    }
}
