using System.Diagnostics;
using System.Text;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Tests.Unit.DagFiles;

public class LargeFilesTests
{
    [Fact]
    public void FiftyThousandTasks_Work()
    {
        var bytes = Chain(50_000);
        var watch = Stopwatch.StartNew();

        var file = DagFile.Parse(bytes, "f");

        file.Problems.ShouldBeEmpty();
        file.Spec!.Tasks.Count.ShouldBe(50_000);
        CanonicalJson.Read(CanonicalJson.Write(file.Spec)).Tasks.Count.ShouldBe(50_000);
        PriorityWeights.Of(file.Spec)[0].ShouldBeGreaterThan(1);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void OneTaskMore_IsRefused() =>
        DagFile.Parse(Chain(50_001), "f").Problems.ShouldHaveSingleItem().Message.ShouldContain("at most 50000 are allowed");

    [Fact]
    public void GroupsThatMakeTooManyArrows_AreRefused()
    {
        var tasks = string.Concat(Enumerable.Range(0, 1500).Select(i => $"      t{i}: {{ noop: {{}} }}\n"));
        var text = $"dag: d\ngroups:\n  a:\n    tasks:\n{tasks}  b:\n    needs: [a]\n    tasks:\n{tasks}";

        DagFile.Parse(Encoding.UTF8.GetBytes(text), "f").Problems.ShouldHaveSingleItem()
            .ToString().ShouldContain("groups.b.needs[0]: this makes more than 1000000 dependencies");
    }

    private static byte[] Chain(int count)
    {
        var text = new StringBuilder("dag: d\ndefaults: { retries: 2, timeout: 1h }\ntasks:\n");
        for (var i = 0; i < count; i++)
        {
            var needs = i < 10 ? "" : $", needs: [task_{i - 10}, task_{i - 7}]";
            text.Append($"  task_{i}: {{ command: [\"true\"]{needs} }}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
