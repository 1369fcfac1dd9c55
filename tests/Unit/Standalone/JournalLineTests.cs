using OrleansFlow.Standalone.Hosting;

namespace OrleansFlow.Tests.Unit.Standalone;

public class JournalLineTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("daily-1/load", ""","run":"daily-1","task":"load" """)]
    [InlineData("daily-1/etl.load/3", ""","run":"daily-1","task":"etl.load","map_index":3 """)]
    [InlineData("launch of daily-1/load#2", ""","run":"daily-1","task":"load","epoch":2 """)]
    [InlineData("group committer", "")]
    public void Json_HasIdsAsFields(string subject, string ids) =>
        JournalLine.Json(s_at, "stale", subject, "Started").ShouldBe(
            $$"""{"time":"2026-11-27T12:00:00.0000000Z","kind":"stale","subject":"{{subject}}"{{ids.Trim()}},"message":"Started"}""");

    [Fact]
    public void Text_ReadsAsASentence()
    {
        JournalLine.Text(s_at, "stale", "daily-1/load", "Started").ShouldBe("2026-11-27T12:00:00.0000000Z stale daily-1/load: Started");
        JournalLine.Text(s_at, "notice", null, "PostgreSQL is back").ShouldBe("2026-11-27T12:00:00.0000000Z notice PostgreSQL is back");
    }
}
