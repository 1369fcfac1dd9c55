using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Client.Calls;

/// <summary>Parameters as a request carries them: a number that a double cannot hold goes as its text, so that no digit is lost.</summary>
internal static class RequestParams
{
    public static void Put(TriggerRunRequest request, JsonObject? values, IReadOnlyDictionary<string, string>? texts)
    {
        foreach (var (name, text) in texts ?? new Dictionary<string, string>()) request.ParamTexts[name] = text;
        if (values is not { Count: > 0 }) return;
        request.Params = new Struct();
        foreach (var (name, value) in values)
        {
            if (IsExact(value)) request.Params.Fields[name] = Value.Parser.ParseJson(value?.ToJsonString() ?? "null");
            else request.ParamTexts[name] = value!.ToJsonString();
        }
    }

    private static bool IsExact(JsonNode? value) => value switch
    {
        JsonObject members => members.All(member => IsExact(member.Value)),
        JsonArray items => items.All(IsExact),
        JsonValue number when number.GetValueKind() == JsonValueKind.Number => IsExact(number.ToJsonString()),
        _ => true,
    };

    // what is no double at all the server refuses in its own words
    private static bool IsExact(string number) => decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
        ? decimal.Truncate(exact) != exact || Math.Abs(exact) <= 1L << 53
        : double.IsFinite(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture));
}
