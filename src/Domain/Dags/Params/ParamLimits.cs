using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansFlow.Domain.Dags.Params;

/// <summary>
/// What a value may be so that everybody can read the runs that have it: the API carries numbers as doubles and texts as UTF-8, its clients read 100
/// levels of messages, of which a level of JSON in a list of runs takes three, and what commands are given cannot hold the character NUL. It is true of
/// parameters and of the elements of maps.
/// </summary>
internal static class ParamLimits
{
    /// <summary>The most lists and objects that lie in one another.</summary>
    public const int Deepest = 20;

    /// <summary>Why a value cannot be read everywhere; null when it can.</summary>
    public static string? Problem(JsonNode? value)
    {
        try
        {
            return Problem(value, 0);
        }
        catch (InvalidOperationException)
        {
            // texts of JSON are decoded when they are read first, and this is all that can be wrong with them
            return "holds half of a character: in JSON \\uD800 to \\uDFFF stand in pairs";
        }
    }

    /// <summary>The same for the elements of a list, with the index of the first that cannot be read.</summary>
    public static string? ProblemWithin(IEnumerable<JsonNode?> list) =>
        list.Select((item, i) => Problem(item) is { } problem ? string.Create(CultureInfo.InvariantCulture, $"[{i}]: {problem}") : null)
            .FirstOrDefault(problem => problem is not null);

    private static string? Problem(JsonNode? value, int depth) => value switch
    {
        JsonObject or JsonArray when depth == Deepest => $"lists and objects are nested more than {Deepest} deep, which clients could not read again",
        JsonObject fields => fields.Select(field => OfText(field.Key) ?? Problem(field.Value, depth + 1)).FirstOrDefault(problem => problem is not null),
        JsonArray items => items.Select(item => Problem(item, depth + 1)).FirstOrDefault(problem => problem is not null),
        JsonValue maybe when maybe.TryGetValue<string>(out var text) => OfText(text),
        JsonValue number when number.GetValueKind() == JsonValueKind.Number && !IsDouble(number.ToJsonString()) =>
            $"{number.ToJsonString()} is too large for a number (at most about 1.8e308); give it as a string",
        _ => null,
    };

    private static string? OfText(string text) =>
        text.Contains('\0', StringComparison.Ordinal) ? "holds the character NUL, which no command can be given" : null;

    private static bool IsDouble(string number) =>
        double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value);
}
