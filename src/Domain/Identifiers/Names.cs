using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
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
        Table<T>.TryName(value, out var name)
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
        Table<T>.TryValue(name, out value);

    /// <summary>Every name of an enum, in the order of its numbers.</summary>
    public static IReadOnlyList<string> All<T>() where T : struct, Enum => Table<T>.Ordered;

    // Over numbers and texts, not over enums: such dictionaries the framework brings compiled, and every command that is started needs some.
    private static class Table<T> where T : struct, Enum
    {
        public static readonly string[] Ordered = [.. Enum.GetNames<T>().Select(Snake)];
        private static readonly Dictionary<int, string> Names = [];
        private static readonly Dictionary<string, int> Values = new(StringComparer.Ordinal);

        static Table()
        {
            var members = Enum.GetValues<T>();
            for (var i = 0; i < members.Length; i++)
            {
                Names.Add(Unsafe.BitCast<T, int>(members[i]), Ordered[i]);
                Values.Add(Ordered[i], Unsafe.BitCast<T, int>(members[i]));
            }
        }

        public static bool TryName(T value, [NotNullWhen(true)] out string? name) => Names.TryGetValue(Unsafe.BitCast<T, int>(value), out name);

        public static bool TryValue(string name, out T value)
        {
            var known = Values.TryGetValue(name, out var number);
            value = Unsafe.BitCast<int, T>(number);
            return known;
        }

        private static string Snake(string member)
        {
            var name = new StringBuilder();
            foreach (var c in member)
            {
                if (char.IsUpper(c) && name.Length > 0) name.Append('_');
                name.Append(char.ToLowerInvariant(c));
            }

            return name.ToString();
        }
    }
}
