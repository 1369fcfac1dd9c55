using System.Text.Json;

namespace OrleansFlow.Domain.Templates;

/// <summary>A filter: <c>value | name: argument, ...</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">How many arguments it takes.</param>
/// <param name="Usage">How it is written, for messages.</param>
/// <param name="Apply">
/// The value and the arguments to the result; null when they do not fit. A missing value never gets here:
/// <c>default</c> sees null in its place, other filters fail with it.
/// </param>
internal sealed record Filter(string Name, int Arguments, string Usage, Func<JsonElement, JsonElement[], JsonElement?> Apply)
{
    public static readonly Filter Default = new("default", 1, "default: VALUE", (input, args) =>
        input.ValueKind == JsonValueKind.Null ? args[0] : input);

    private static readonly Filter[] Known =
    [
        new("date", 1, "date: '%Y-%m-%d'", (input, args) =>
            Text(input) is { } text && IsoTime.TryParse(text, out var moment)
            && Text(args[0]) is { } format && DateFormat.Problem(format) is null
                ? Json.Text(DateFormat.Format(moment, format))
                : null),
        Default,
        new("json", 0, "json", (input, _) => Json.Text(Json.Write(input))),
        new("lower", 0, "lower", (input, _) => Text(input) is { } text ? Json.Text(text.ToLowerInvariant()) : null),
        new("sh", 0, "sh", (input, _) => Word(input) is { } text ? Json.Text($"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'") : null),
        new("upper", 0, "upper", (input, _) => Text(input) is { } text ? Json.Text(text.ToUpperInvariant()) : null),
        new("replace", 2, "replace: 'OLD', 'NEW'", (input, args) =>
            Text(input) is { } text && Text(args[0]) is { Length: > 0 } old && Text(args[1]) is { } replacement
                ? Replace(text, old, replacement)
                : null),
    ];

    public static IEnumerable<string> Names => Known.Select(filter => filter.Name);

    public static Filter? Find(string name) => Array.Find(Known, filter => filter.Name == name);

    /// <summary>What is wrong with a first argument that is known in advance, or null.</summary>
    public string? CheckText(string argument) => Name switch
    {
        "date" => DateFormat.Problem(argument),
        "replace" when argument.Length == 0 => "replace cannot look for the empty text",
        _ => null,
    };

    /// <summary>Null when the result would be absurdly long: a few doublings in a chain would exhaust the memory.</summary>
    private static JsonElement? Replace(string text, string old, string replacement)
    {
        const int maxLength = 1 << 20;
        var count = text.AsSpan().Count(old);
        return text.Length + (count * ((long)replacement.Length - old.Length)) > Math.Max(maxLength, text.Length)
            ? null
            : Json.Text(text.Replace(old, replacement, StringComparison.Ordinal));
    }

    /// <summary>One word of a shell, whatever is in it: what is no text is quoted as JSON.</summary>
    private static string? Word(JsonElement value) => Text(value) ?? Json.Write(value);

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
