using System.Net;
using System.Text.RegularExpressions;
using OrleansFlow.Tests.EndToEnd.Api;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Telemetry;

/// <summary>What a server shows at <c>/metrics</c>, as Prometheus reads it.</summary>
public sealed partial class MetricsTests
{
    private const string FailsOnce =
        """
        dag: fails-once
        tasks:
          flaky:
            command: [sh, -c, 'test $FLOW_EPOCH -gt 1']
            retries: 1
            retry_delay: 0s
        """;

    private const string Long =
        """
        dag: long
        tasks:
          train:
            command: [sh, -c, 'touch "%G/started-$FLOW_EPOCH"; until [ -e "%G/end" ]; do sleep 0.05; done']
        """;

    [Fact]
    public async Task OnlyThoseWhoMayLook_SeeMetrics()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        (await ReadAsync(server, token: null)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await ReadAsync(server, "wrong")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await ReadAsync(server, server.Token)).Status.ShouldBe(HttpStatusCode.OK);
        (await ReadAsync(server, server.Token, host: "evil.example")).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [PrometheusFact]
    public async Task WhatWasDone_IsCounted_AndPassesPromtool()
    {
        await using var flow = new Installation();
        using var server = await ApiServer.StartAsync(flow);
        await flow.OkAsync("run", flow.Dag("dag.yaml", FailsOnce));

        var text = (await ReadAsync(server, server.Token)).Text;

        var lines = text.Split('\n');
        lines.ShouldContain("orleansflow_transitions_total{kind=\"run\",state=\"success\"} 1");
        lines.ShouldContain("orleansflow_transitions_total{kind=\"task\",state=\"up_for_retry\"} 1");
        lines.ShouldContain("orleansflow_task_retries_total{cause=\"application\"} 1");
        lines.ShouldContain("orleansflow_attempts_ended_total{cause=\"application\",state=\"failed\"} 1");
        lines.ShouldContain("orleansflow_attempts_ended_total{cause=\"none\",state=\"succeeded\"} 1");
        lines.ShouldContain("orleansflow_task_dispatch_lag_seconds_count 1");
        lines.ShouldContain("orleansflow_attempt_launch_duration_seconds_count 2");
        lines.ShouldContain("orleansflow_host_in_charge 1");
        lines.ShouldContain("orleansflow_transitions_illegal_total 0");
        (await CheckAsync(flow, text)).ShouldBe("");
        Undocumented(text).ShouldBeEmpty();
    }

    [PrometheusFact]
    public async Task EveryPanel_HasData_AfterARunWasLost_AndFoundAgain()
    {
        await using var flow = new Installation();
        using (var first = await ApiServer.StartAsync(flow))
        {
            await flow.OkAsync("dags", "apply", flow.Dag("long.yaml", Long));
            await flow.OkAsync("dags", "trigger", "long", "--no-wait");
            await flow.OpenedAsync("started-1");
            await first.Process.KillAsync();
        }

        using var server = await ApiServer.StartAsync(flow);
        using var prometheus = await PrometheusServer.StartAsync(flow.Root, server.Http, Path.Combine(flow.Data, "api.token"));
        await Eventually.TrueAsync(async () => await prometheus.TargetAsync() == "up", "Prometheus scrapes the server");
        await flow.OpenedAsync("started-2");
        flow.Open("end");
        var again = flow.Dag("dag.yaml", FailsOnce);
        await flow.OkAsync("run", again);
        // a rate needs two looks at a series: what is counted with its first one is no increase
        await Eventually.TrueAsync(
            async () => (await prometheus.QueryAsync("orleansflow_task_dispatch_lag_seconds_count > 0")).Count > 0, "Prometheus has seen a dispatch");
        await flow.OkAsync("run", again);
        await Eventually.TrueAsync(
            async () => (await prometheus.QueryAsync("increase(orleansflow_transitions_total{kind=\"run\",state=\"success\"}[1m]) > 1")).Count > 0,
            "Prometheus has seen both runs end");

        (await prometheus.QueryAsync("orleansflow_attempts_ended_total{state=\"lost\",cause=\"host_lost\"} == 1")).Count.ShouldBe(1);
        Dashboards.Queries.ShouldNotBeEmpty();
        foreach (var query in Dashboards.Queries)
            await Eventually.TrueAsync(async () => (await prometheus.QueryAsync(query.Expression)).Count > 0, $"{query} has data");
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadAsync(ApiServer server, string? token, string? host = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Http + "/metrics");
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        if (host is not null) request.Headers.Host = host;
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<string> CheckAsync(Installation flow, string text)
    {
        var file = Path.Combine(flow.Root, "metrics.txt");
        await File.WriteAllTextAsync(file, text);
        var check = FlowProgram.Captured("/bin/sh", ["-c", "\"$0\" check metrics < \"$1\" 2>&1", PrometheusFactAttribute.PathOf("promtool"), file]);
        var outcome = await FlowProcess.Start(check).EndAsync();
        return outcome.ExitCode == 0 ? outcome.Out : outcome.Everything;
    }

    /// <summary>Our metrics, and their labels, that the page does not have.</summary>
    private static IEnumerable<string> Undocumented(string text)
    {
        var rows = File.ReadLines(Path.Combine(FlowProgram.Root, "docs", "telemetry.md")).Select(line => Row().Match(line)).Where(row => row.Success)
            .Select(row => (Name: row.Groups[1].Value.Replace('.', '_'), Tags: row.Groups[2].Value.Split(", ", StringSplitOptions.TrimEntries)))
            .OrderByDescending(row => row.Name.Length).ToArray();
        foreach (var line in text.Split('\n').Where(line => line.StartsWith("orleansflow_", StringComparison.Ordinal)))
        {
            var row = rows.FirstOrDefault(row => line.StartsWith(row.Name, StringComparison.Ordinal));
            if (row.Name is null || Label().Matches(line).Any(label => label.Groups[1].Value != "le" && !row.Tags.Contains(label.Groups[1].Value))) yield return line;
        }
    }

    [GeneratedRegex(@"^\| `(orleansflow\.[a-z_.]+)` \| [a-z]+ \| `[^`]+` \| ([a-z, ]*) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"([a-z_]+)=""")]
    private static partial Regex Label();
}
