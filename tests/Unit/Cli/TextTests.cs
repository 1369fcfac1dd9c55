using System.Text.Json.Nodes;
using OrleansFlow.Cli;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Text;
using OrleansFlow.Domain.Identifiers;
using YamlDotNet.Serialization;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>The small texts: durations, sizes, YAML, records of logs, names of tasks.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData(-5, "0.0s")]
    [InlineData(0.44, "0.4s")]
    [InlineData(59.9, "59s")]
    [InlineData(185, "3m05s")]
    [InlineData(7800, "2h10m")]
    [InlineData(367_200, "4d06h")]
    public void Durations_AreShort(double seconds, string text) => Words.Duration(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(5L << 40, "5.0 TiB")]
    public void Sizes_HaveUnits(long bytes, string text) => Words.Size(bytes).ShouldBe(text);

    [Fact]
    public void Instants_AreIso8601InUtc()
    {
        var at = new DateTimeOffset(2024, 1, 1, 2, 0, 0, 250, TimeSpan.FromHours(2));

        Words.Iso(at).ShouldBe("2024-01-01T00:00:00.25Z");
        Words.Iso(at.AddMilliseconds(-250)).ShouldBe("2024-01-01T00:00:00Z");
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with: colon # and hash")]
    [InlineData("true")]
    [InlineData("No")]
    [InlineData("1e3")]
    [InlineData("2024-01-01T00:00:00Z")]
    [InlineData("")]
    [InlineData(" spaces ")]
    [InlineData("two\nlines\n")]
    [InlineData("  indented\nlines")]
    [InlineData("tab\tand \"quotes\" and \\")]
    [InlineData("\u001b[31mred")]
    [InlineData("- dash")]
    [InlineData("~")]
    public void Yaml_KeepsEveryText(string text)
    {
        var writer = new StringWriter();

        YamlText.Write(writer, new JsonObject { ["value"] = text });

        new DeserializerBuilder().Build().Deserialize<Dictionary<string, string>>(writer.ToString())["value"].ShouldBe(text);
        new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build()
            .Deserialize<Dictionary<string, object>>(writer.ToString())["value"].ShouldBeOfType<string>();
    }

    [Theory]
    [InlineData("2024-01-01T00:00:00.123Z out hello world", "out", false, "hello world")]
    [InlineData("2024-01-01T00:00:00.123Z err+ more", "err", true, "more")]
    [InlineData("2024-01-01T00:00:00.123Z out ", "out", false, "")]
    [InlineData("2024-01-01T00:00:00.123Z out", "out", false, "")]
    [InlineData("no record", null, false, "no record")]
    [InlineData("2024-01-01 is a date", null, false, "2024-01-01 is a date")]
    [InlineData("", null, false, "")]
    public void Records_AreReadAsTheyWereWritten(string line, string? source, bool continues, string text)
    {
        var record = LogRecord.Parse(line);

        (record.Source, record.Continues, record.Text).ShouldBe((source, continues, text));
    }

    [Fact]
    public void Tasks_AreNamedWithOrWithoutAnElement()
    {
        Arguments.ReadTask("a.b-1").ShouldBe(new TaskArgument(new TaskId("a.b-1"), null));
        Arguments.ReadTask("train[12]").ShouldBe(new TaskArgument(new TaskId("train"), 12));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a/b")]
    [InlineData("train[")]
    [InlineData("train[]")]
    [InlineData("train[-1]")]
    [InlineData("train[x]")]
    [InlineData("train[1")]
    public void NamesThatAreNone_AreRefused(string text) =>
        Should.Throw<CliException>(() => Arguments.ReadTask(text)).ExitCode.ShouldBe(ExitCode.Invalid);
}
