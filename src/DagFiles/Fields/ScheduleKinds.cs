using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Schedules;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>The value of <c>schedule</c>.</summary>
internal static class ScheduleKinds
{
    /// <summary>Times are kept as written until the zone is known: fields come in any order.</summary>
    internal sealed record ScheduleDraft(ScheduleSpec Spec, YamlScalar? Start = null, YamlScalar? End = null, YamlScalar? Once = null);

    private static readonly Kind<YamlScalar> Moment = new(
        "a date or a time",
        () => new JsonObject { ["type"] = "string", ["examples"] = new JsonArray("2024-01-01", "2024-01-01T06:00:00Z") },
        ReadScalar);

    private static readonly Kind<YamlScalar> OnceKind = new(
        "true, or a date or a time", () => Kinds.AnyOf(Kinds.Type("boolean"), Kinds.Type("string")), ReadScalar);

    public static readonly FieldTable<ScheduleDraft> Fields = new(
        "schedule",
        Spec("every", Kinds.Duration, null, "A fixed distance on the grid start + k * every; does not follow daylight saving time.", (s, v) => s with { Every = v }),
        Spec("cron", Kinds.Text, null, "Five fields or a macro such as @daily, read in the time zone.", (s, v) => s with { Cron = v }),
        new Field<ScheduleDraft, YamlScalar>("once", OnceKind, null, "One run, at start or at the given time.", (d, v) => d with { Once = v }),
        Spec("timezone", Kinds.Text, "UTC", "The IANA time zone that cron, and times without an offset, are read in.", (s, v) => s with { TimeZone = v }),
        new Field<ScheduleDraft, YamlScalar>("start", Moment, null, "No run is due before.", (d, v) => d with { Start = v }),
        new Field<ScheduleDraft, YamlScalar>("end", Moment, null, "No run is due after.", (d, v) => d with { End = v }),
        Spec("catchup", Kinds.Flag, false, "Whether all missed runs are made up for, or only the latest.", (s, v) => s with { Catchup = v }),
        Spec("interval", Kinds.Flag, false, "Whether the logical date is the start of a data interval at whose end the run fires.", (s, v) => s with { Interval = v }));

    public static readonly Kind<ScheduleSpec> Schedule = new(
        "a schedule",
        () => Kinds.AnyOf(Kinds.Type("string"), Kinds.Type("null"), Fields.Schema()),
        Read);

    private static bool Read(YamlNode node, Problems problems, [MaybeNullWhen(false)] out ScheduleSpec value)
    {
        value = null;
        if (node is YamlMap map)
            value = ReadMap(map, problems);
        else if (node is YamlScalar { Text: "@continuous" })
            problems.Error(node, NotYet.Find("schedule", "continuous")?.Message ?? "write { continuous: true }");
        else if (Kinds.Text.Read(node, problems, out var text))
            value = ScheduleSpec.FromText(text);
        return value is not null;
    }

    private static ScheduleSpec? ReadMap(YamlMap map, Problems problems)
    {
        var before = problems.Errors;
        var schedule = Finish(Fields.Read(map, new ScheduleDraft(new ScheduleSpec()), problems), problems);

        // when what says how often is wrong already, "it says nothing" would only confuse
        return problems.Errors > before && schedule is { Every: null, Cron: null, Once: false } ? null : schedule;
    }

    private static ScheduleSpec Finish(ScheduleDraft draft, Problems problems)
    {
        var schedule = draft.Spec with { Start = Instant(draft.Start, draft.Spec, problems), End = Instant(draft.End, draft.Spec, problems) };
        if (draft.Once is not { } once || YamlScalars.Boolean(once.Text) == false) return schedule;
        return YamlScalars.Boolean(once.Text) == true
            ? schedule with { Once = true }
            : schedule with { Once = true, Start = Instant(once, schedule, problems) ?? schedule.Start };
    }

    private static DateTimeOffset? Instant(YamlScalar? written, ScheduleSpec schedule, Problems problems)
    {
        if (written is null) return null;
        var text = written.Text.Trim().Replace(' ', 'T');
        if (OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true } exact)
            return exact.Value.ToDateTimeOffset().ToUniversalTime();

        LocalDateTime? local = LocalDatePattern.Iso.Parse(text) is { Success: true } date ? date.Value.AtMidnight()
            : LocalDateTimePattern.GeneralIso.Parse(text.Length == 16 ? text + ":00" : text) is { Success: true } time ? time.Value
            : null;
        if (local is null)
        {
            problems.Error(written, $"expected a date or a time such as 2024-01-01 or 2024-01-01T06:00:00Z, got {written.Kind}");
            return null;
        }

        // an unknown zone is reported with the schedule; until then any will do
        var zone = schedule.TimeZone == "UTC" ? DateTimeZone.Utc : DateTimeZoneProviders.Tzdb.GetZoneOrNull(schedule.TimeZone) ?? DateTimeZone.Utc;
        return zone.AtLeniently(local.Value).ToDateTimeOffset().ToUniversalTime();
    }

    private static bool ReadScalar(YamlNode node, Problems problems, [MaybeNullWhen(false)] out YamlScalar value)
    {
        value = node as YamlScalar;
        if (value is null) problems.Error(node, $"expected a date or a time, got {node.Kind}");
        return value is not null;
    }

    private static Field<ScheduleDraft, T> Spec<T>(string name, Kind<T> kind, JsonNode? fallback, string description, Func<ScheduleSpec, T, ScheduleSpec> set) =>
        new(name, kind, fallback, description, (draft, value) => draft with { Spec = set(draft.Spec, value) });
}
