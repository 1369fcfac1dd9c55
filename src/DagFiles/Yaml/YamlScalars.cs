using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansFlow.DagFiles.Yaml;

/// <summary>What unquoted YAML text means, by the core schema of YAML 1.2: <c>no</c> and <c>on</c> are text.</summary>
internal static class YamlScalars
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("+-.0123456789eE");

    public static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    public static bool? Boolean(string text) => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    /// <summary>A whole number: decimal, <c>0o17</c> or <c>0x1F</c>.</summary>
    public static bool TryInteger(string text, out long value)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
        if (text.StartsWith("0o", StringComparison.Ordinal))
            return TryOctal(text.AsSpan(2), out value);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A finite number with digits; <c>.inf</c> and <c>.nan</c> are refused, since JSON has neither.</summary>
    public static bool TryNumber(string text, out double value)
    {
        value = 0;
        if (text.Length == 0 || !text.AsSpan().ContainsAnyInRange('0', '9') || text.AsSpan().ContainsAnyExcept(NumberCharacters))
            return false;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    /// <summary>The JSON value that unquoted text stands for; C# null stands for JSON's null.</summary>
    public static JsonNode? ToJson(string text)
    {
        if (IsNull(text)) return null;
        if (Boolean(text) is { } boolean) return JsonValue.Create(boolean);
        if (TryInteger(text, out var integer)) return JsonValue.Create(integer);
        return TryNumber(text, out var number) ? JsonValue.Create(number) : JsonValue.Create(text);
    }

    private static bool TryOctal(ReadOnlySpan<char> digits, out long value)
    {
        value = 0;
        if (digits.IsEmpty || digits.Length > 20) return false;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7') return false;
            value = value * 8 + (digit - '0');
        }

        return true;
    }
}
