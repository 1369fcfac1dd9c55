using OrleansFlow.Tests.Unit.Cli.Fakes;
using OrleansFlow.Tests.Unit.DagFiles;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>What every command writes, on a small world; one file per call, in <c>Golden</c>.</summary>
public sealed class GoldenOutputTests
{
    [Theory]
    [InlineData("dags-list", "dags list")]
    [InlineData("dags-list-json", "dags list -o json")]
    [InlineData("dags-show", "dags show credit")]
    [InlineData("dags-show-yaml", "dags show credit -o yaml")]
    [InlineData("dags-pause-json", "dags pause credit -o json")]
    [InlineData("dags-unpause", "dags unpause credit")]
    [InlineData("dags-show-unknown", "dags show nothing")]
    [InlineData("runs-list", "runs list")]
    [InlineData("runs-list-failed-json", "runs list --state failed -o json")]
    [InlineData("runs-list-since", "runs list --since 150m")]
    [InlineData("runs-list-bad-state", "runs list --state exploded")]
    [InlineData("runs-list-bad-since", "runs list --since yesterday")]
    [InlineData("runs-show", "runs show manual-20240101T060000Z-aaaaa")]
    [InlineData("runs-show-json", "runs show manual-20240101T060000Z-aaaaa -o json")]
    [InlineData("runs-show-yaml", "runs show manual-20240101T060000Z-aaaaa -o yaml")]
    [InlineData("runs-show-unknown", "runs show manual-1")]
    [InlineData("runs-show-unknown-dag", "runs show other@latest")]
    [InlineData("runs-watch", "runs watch manual-20240101T060000Z-aaaaa")]
    [InlineData("runs-watch-json", "runs watch manual-20240101T060000Z-aaaaa -o json")]
    [InlineData("runs-cancel-finished", "runs cancel manual-20240101T070000Z-bbbbb")]
    [InlineData("runs-cancel", "runs cancel @latest")]
    [InlineData("runs-rerun-failed", "runs rerun manual-20240101T070000Z-bbbbb --failed")]
    [InlineData("tasks-list", "tasks list @latest")]
    [InlineData("tasks-list-json", "tasks list credit@latest -o json")]
    [InlineData("tasks-show", "tasks show manual-20240101T060000Z-aaaaa train")]
    [InlineData("tasks-show-element-json", "tasks show @latest train[1] -o json")]
    [InlineData("tasks-show-mapped", "tasks show @latest train")]
    [InlineData("tasks-show-unknown", "tasks show @latest nothing")]
    [InlineData("tasks-download", "tasks download manual-20240101T060000Z-aaaaa train --to out")]
    [InlineData("tasks-download-none", "tasks download @latest fetch")]
    [InlineData("tasks-download-unknown", "tasks download manual-20240101T060000Z-aaaaa train modell.pkl")]
    [InlineData("tasks-clear", "tasks clear manual-20240101T070000Z-bbbbb train --downstream --no-wait")]
    [InlineData("logs-all", "logs manual-20240101T070000Z-bbbbb")]
    [InlineData("logs-task", "logs manual-20240101T060000Z-aaaaa train")]
    [InlineData("logs-attempt", "logs manual-20240101T060000Z-aaaaa train --attempt 1")]
    [InlineData("logs-attempt-unknown", "logs manual-20240101T060000Z-aaaaa train --attempt 7")]
    [InlineData("logs-json", "logs manual-20240101T060000Z-aaaaa train -o json")]
    [InlineData("logs-yaml", "logs manual-20240101T060000Z-aaaaa train -o yaml")]
    [InlineData("logs-tail", "logs manual-20240101T060000Z-aaaaa train --tail 2")]
    [InlineData("logs-tail-follow-json", "logs manual-20240101T060000Z-aaaaa train --tail 1 -f -o json")]
    [InlineData("logs-tail-none", "logs @latest --tail 0")]
    [InlineData("logs-none-json", "logs @latest report -o json")]
    [InlineData("logs-follow-json", "logs manual-20240101T060000Z-aaaaa train -f -o json")]
    [InlineData("why-failed", "why manual-20240101T070000Z-bbbbb train")]
    [InlineData("why-upstream-failed", "why manual-20240101T070000Z-bbbbb report")]
    [InlineData("why-run", "why @latest")]
    [InlineData("why-run-failed", "why manual-20240101T070000Z-bbbbb")]
    [InlineData("why-pool", "why @latest train[1]")]
    [InlineData("why-pool-json", "why @latest train[1] -o json")]
    [InlineData("why-dependencies", "why @latest report")]
    [InlineData("why-running", "why @latest fetch")]
    [InlineData("pools-list", "pools list")]
    [InlineData("pools-list-json", "pools list -o json")]
    [InlineData("pools-set", "pools set gpu 4")]
    [InlineData("pools-set-negative", "pools set gpu -- -1")]
    public Task Output_IsAsRecorded(string name, string arguments) => ShouldBeAsRecordedAsync(name, arguments);

    [Theory]
    [InlineData("cluster-show", "cluster show")]
    [InlineData("cluster-show-json", "cluster show --output json")]
    [InlineData("migrate", "migrate")]
    [InlineData("migrate-json", "migrate -o json")]
    [InlineData("usage-unknown-command", "frobnicate")]
    [InlineData("usage-missing-argument", "runs show")]
    [InlineData("usage-bad-format", "runs list -o xml")]
    public Task OutputAboutTheProgram_IsAsRecorded(string name, string arguments) => ShouldBeAsRecordedAsync(name, arguments);

    private static async Task ShouldBeAsRecordedAsync(string name, string arguments)
    {
        var call = new CommandLine(Sample.World());

        var code = await call.InvokeAsync(arguments.Split(' '));

        var text = $"$ flow {arguments}\n{call.Out}--- stderr\n{call.Error}--- exit {code}\n";
        GoldenFiles.ShouldMatch(text, GoldenFiles.Folder("tests", "Unit", "Cli", "Golden", $"{name}.txt"));
    }
}
