using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.BadInput;

public class UsageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("frobnicate")]
    [InlineData("run")]
    [InlineData("runs show")]
    [InlineData("runs show nothing")]
    [InlineData("runs show @latest")]
    [InlineData("runs show ../../etc/passwd")]
    [InlineData("runs list --state exploded")]
    [InlineData("runs list --since yesterday")]
    [InlineData("runs list -o xml")]
    [InlineData("runs cancel nothing")]
    [InlineData("dags show nothing")]
    [InlineData("dags trigger nothing")]
    [InlineData("dags pause nothing")]
    [InlineData("dags apply nowhere")]
    [InlineData("tasks clear nothing a")]
    [InlineData("logs nothing")]
    [InlineData("why nothing a")]
    [InlineData("pools set ../x 1")]
    [InlineData("pools set p many")]
    public async Task WrongUsage_ExitsWithTwo_AndOneClearLine(string arguments)
    {
        await using var flow = new Installation();

        var outcome = await flow.FlowAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        outcome.ExitCode.ShouldBe(2, outcome.Everything);
        if (arguments.Length > 0) outcome.Error.ShouldContain("flow: ");
        outcome.Everything.ShouldNotContain("   at ");
        outcome.Everything.ShouldNotContain("Exception");
    }

    [Theory]
    [InlineData("runs list", 0, "no runs")]
    [InlineData("dags list", 0, "no DAGs")]
    [InlineData("pools list", 0, "there are no data in")]
    [InlineData("runs show @latest", 2, "there are no runs yet")]
    [InlineData("runs watch @latest", 2, "there are no runs yet")]
    [InlineData("logs nothing", 2, "there is no run 'nothing'")]
    [InlineData("why nothing a", 2, "there is no run 'nothing'")]
    [InlineData("dags show nothing", 2, "there is no DAG 'nothing'")]
    public async Task Reading_WhereThereAreNoData_SaysSo_AndMakesNone(string arguments, int exitCode, string says)
    {
        await using var flow = new Installation();

        var outcome = await flow.FlowAsync(arguments.Split(' '));

        outcome.ExitCode.ShouldBe(exitCode, outcome.Everything);
        outcome.Error.ShouldContain(says);
        outcome.Error.ShouldContain(flow.Data);
        Directory.Exists(flow.Data).ShouldBeFalse();
    }

    [Fact]
    public async Task DataFolderThatCannotBe_IsUnavailable_AndSaysWhatToDo()
    {
        await using var flow = new Installation();
        var file = flow.Dag("one.yaml", "dag: one\ntasks: { a: { noop: {} } }\n");
        await File.WriteAllTextAsync(flow.Data, "a file");

        var outcome = await flow.FlowAsync("run", file);

        outcome.ExitCode.ShouldBe(3, outcome.Everything);
        outcome.Error.ShouldContain(flow.Data);
        outcome.Everything.ShouldNotContain("Exception");
    }

    [Fact]
    public async Task ServerThatCannotBeReached_IsUnavailable()
    {
        await using var flow = new Installation();
        flow.Environment["FLOW_POSTGRES"] = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=2";
        var file = flow.Dag("one.yaml", "dag: one\ntasks: { a: { noop: {} } }\n");

        foreach (var command in new string[][] { ["run", file], ["runs", "list"] })
        {
            var outcome = await flow.FlowAsync(command);
            outcome.ExitCode.ShouldBe(3, outcome.Everything);
            outcome.Error.ShouldContain("127.0.0.1");
            outcome.Everything.ShouldNotContain("   at ");
        }
    }

    [Fact]
    public async Task HostsAndReaders_MayStartTogether()
    {
        await using var flow = new Installation();
        var file = flow.Dag("one.yaml", "dag: one\ntasks: { a: { noop: {} } }\n");
        await flow.RunAsync(file);

        var readers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => flow.StartAsync("runs", "list", "-o", "json")));
        var host = await flow.StartAsync("run", file);

        foreach (var each in readers.Append(host))
        {
            var outcome = await each.EndAsync();
            outcome.ExitCode.ShouldBe(0, outcome.Everything);
        }

        flow.Postmaster.ShouldBeNull();
    }

    [Fact]
    public async Task SecondHost_IsRefused_WithTheFirstOnesPid()
    {
        await using var flow = new Installation();
        var file = flow.Dag("wait.yaml", "dag: wait\ntasks: { a: { script: 'touch %G/started; while [ ! -e %G/go ]; do sleep 0.05; done' } }\n");
        var first = await flow.StartAsync("run", file);
        await flow.OpenedAsync("started");

        var second = await flow.FlowAsync("run", file);

        second.ExitCode.ShouldBe(3, second.Everything);
        second.Error.ShouldContain(first.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
        second.Error.ShouldContain(flow.Data);
        // Those who only look are welcome meanwhile.
        (await flow.ShowAsync("@latest")).State.ShouldBe("running");
        (await flow.OkAsync("why", "@latest", "a")).Out.ShouldContain("at work");
        flow.Open("go");
        (await first.EndAsync()).ExitCode.ShouldBe(0);
    }
}
