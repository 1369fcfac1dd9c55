using System.Text;
using OrleansFlow.DagFiles;

namespace OrleansFlow.Tests.Unit.DagFiles;

/// <summary>What no golden file can hold well: wrong bytes, huge files, deep nesting, and files broken at random.</summary>
public class BadBytesTests
{
    private const string Troublesome = "{}[]:,&*!|>'\"%@`#-? \n\t\r~<\0\u00ff";

    private const string Tiny = "dag: d\ntasks: { t: { noop: {} } }\n";

    [Fact]
    public void InvalidUtf8_NamesTheByte()
    {
        byte[] bytes = [.. "dag: d\nowner: M"u8, 0xFC, .. "ller\n"u8];

        Only(bytes).ToString().ShouldBe("f:2:9: error: the file is not UTF-8: byte 0xFC at offset 15 begins no character. Save it as UTF-8");
    }

    [Fact]
    public void Utf16_IsNamed() => Only([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Tiny)]).Message.ShouldContain("UTF-16");

    [Fact]
    public void Utf8ByteOrderMark_IsFine() => DagFile.Parse([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Tiny)], "f").IsValid.ShouldBeTrue();

    [Fact]
    public void WindowsLineEnds_AreFine() => Parse(Tiny.Replace("\n", "\r\n", StringComparison.Ordinal)).IsValid.ShouldBeTrue();

    [Fact]
    public void Nul_IsRefused_BecauseTheScannerWouldStopThere() => Only(Encoding.UTF8.GetBytes(Tiny + "\0")).ToString().ShouldStartWith("f:3:1: error: the control character U+0000");

    [Fact]
    public void MoreThan8MiB_IsRefused()
    {
        var bytes = new byte[8 * 1024 * 1024 + 1];
        bytes.AsSpan().Fill((byte)'#');
        Only(bytes).Message.ShouldContain("larger than 8 MiB");

        using var stream = new MemoryStream(bytes);
        DagFile.Parse(DagFile.Load(stream).Span, "f").Problems.ShouldHaveSingleItem().Message.ShouldContain("larger than 8 MiB");
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a: ", "}")]
    public void DeepNesting_IsRefused(string open, string close)
    {
        var text = "dag: " + string.Concat(Enumerable.Repeat(open, 20_000)) + string.Concat(Enumerable.Repeat(close, 20_000));
        Parse(text).Problems.ShouldHaveSingleItem().Message.ShouldContain("nests deeper than 64 levels");
    }

    [Fact]
    public void AHundredAliases_AreFine_OneMoreIsNot()
    {
        string File(int count) => $"dag: d\ndefaults: {{ command: &c [x] }}\ntasks:\n{string.Concat(Enumerable.Range(0, count).Select(i => $"  t{i}: {{ command: *c }}\n"))}";

        Parse(File(100)).Problems.ShouldBeEmpty();
        Parse(File(101)).Problems.ShouldHaveSingleItem().Message.ShouldContain("more than 100 aliases");
    }

    [Fact]
    public void ThousandsOfMistakes_AreCutShort()
    {
        var file = Parse("dag: d\ntasks:\n" + string.Concat(Enumerable.Range(0, 3000).Select(i => $"  task_{i}: {{ noop: {{}}, needs: [tusk_{i}] }}\n")));

        file.Problems.Count.ShouldBe(Problems.MostReported + 1);
        file.Problems[^1].Message.ShouldBe("there are 2000 more problems; fix these first");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void FilesBrokenAtRandom_NeverThrow(int seed)
    {
        var random = new Random(seed);
        var cases = Directory.GetFiles(GoldenFiles.Folder("tests", "Unit", "DagFiles", "Cases"), "dag.yaml", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        for (var i = 0; i < 1500; i++)
        {
            var bytes = Mutate(cases[random.Next(cases.Length)], cases[random.Next(cases.Length)], random);
            var file = Should.NotThrow(() => DagFile.Parse(bytes, "f"), $"seed {seed}, case {i}");
            (file.IsValid || file.Problems.Count > 0).ShouldBeTrue();
        }
    }

    private static byte[] Mutate(byte[] from, byte[] other, Random random)
    {
        var bytes = from.ToList();
        for (var edits = random.Next(1, 6); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count + 1);
            var count = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes.RemoveRange(at, count);
                    break;
                case 1:
                    bytes.Insert(at, (byte)Troublesome[random.Next(Troublesome.Length)]);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, count));
                    break;
                case 3 when other.Length > 0:
                    var start = random.Next(other.Length);
                    bytes.InsertRange(at, other[start..Math.Min(other.Length, start + random.Next(40))]);
                    break;
                default:
                    if (at < bytes.Count) bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }

    private static DagFileResult Parse(string text) => DagFile.Parse(Encoding.UTF8.GetBytes(text), "f");

    private static FileProblem Only(byte[] bytes) => DagFile.Parse(bytes, "f").Problems.ShouldHaveSingleItem();
}
