using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>How a line of the host's log is written: for people, or as JSON with ids as fields of their own. Pure.</summary>
internal static partial class JournalLine
{
    /// <summary>For people.</summary>
    public static string Text(DateTimeOffset at, string kind, string? subject, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:O} {kind} {(subject is null ? "" : $"{subject}: ")}{text}");

    /// <summary>For programs: <c>time</c>, <c>kind</c>, <c>message</c>, and of what it is about <c>subject</c>, and <c>run</c>, <c>task</c>, <c>map_index</c> and
    /// <c>epoch</c> where it is a task instance or an attempt.</summary>
    public static string Json(DateTimeOffset at, string kind, string? subject, string text)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("time", at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("kind", kind);
            if (subject is not null) WriteSubject(json, subject);
            json.WriteString("message", text);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(line.WrittenSpan);
    }

    private static void WriteSubject(Utf8JsonWriter json, string subject)
    {
        json.WriteString("subject", subject);
        if (TaskOrAttempt().Match(subject) is not { Success: true } found) return;
        json.WriteString("run", found.Groups["run"].Value);
        json.WriteString("task", found.Groups["task"].Value);
        foreach (var number in (string[])["map_index", "epoch"])
            if (found.Groups[number] is { Success: true } group) json.WriteNumber(number, int.Parse(group.Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"(?:^| )(?<run>[^/ ]+)/(?<task>[^/# ]+)(?:/(?<map_index>[0-9]{1,9}))?(?:#(?<epoch>[0-9]{1,9}))?$")]
    private static partial Regex TaskOrAttempt();
}
