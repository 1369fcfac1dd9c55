using OrleansFlow.Domain.Tasks;
using OrleansFlow.TaskRuntime.Progress;
using OrleansFlow.Tests.Unit.Fakes;

namespace OrleansFlow.Tests.Unit.TaskRuntime;

public sealed class ProgressPaceTests
{
    private readonly FakeTime _time = new(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<TaskProgress> _told = [];
    private readonly ProgressPace _pace;

    public ProgressPaceTests() => _pace = new ProgressPace(_told.Add, _time);

    [Fact]
    public void OfSeveralWithinASecond_TheLastCounts()
    {
        for (var i = 0; i < 100; i++) _pace.Report(i / 100.0, $"{i}");
        Told().ShouldBe(["0"], "the first is told at once");

        _time.Advance(TimeSpan.FromSeconds(1));
        Told().ShouldBe(["0", "99"]);

        _time.Advance(TimeSpan.FromSeconds(5));
        Told().ShouldBe(["0", "99"], "nothing is told twice");
        _pace.Report(1, "done");
        Told().ShouldBe(["0", "99", "done"], "after a rest it is told at once");
    }

    [Fact]
    public void AfterTheEnd_NothingIsTold()
    {
        _pace.Report(null, "first");
        _pace.Report(null, "second");
        _pace.Close();
        _time.Advance(TimeSpan.FromSeconds(5));
        _pace.Report(null, "third");

        Told().ShouldBe(["first"]);
    }

    [Fact]
    public void AMessage_IsOneLine_WithoutControlCharacters()
    {
        _pace.Report(0.4249, "epoch 3\r\nof 7\u001b[31m ");
        _told[0].ToString().ShouldBe("42 % epoch 3 of 7\uFFFD[31m");
        new TaskProgress(null, "busy", default).ToString().ShouldBe("busy");
        new TaskProgress(1, "", default).ToString().ShouldBe("100 %");
    }

    private IEnumerable<string> Told() => _told.Select(progress => progress.Message);
}
