using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Telemetry;

/// <summary>A Prometheus of its own on loopback that scrapes one server, until it is disposed.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly FlowProcess _process;

    private PrometheusServer(FlowProcess process, string address)
    {
        _process = process;
        _http.BaseAddress = new Uri(address);
    }

    /// <summary>Starts one.</summary>
    /// <param name="folder">Where it keeps its things.</param>
    /// <param name="target">The HTTP/1.1 address of a server.</param>
    /// <param name="tokenFile">The token to show.</param>
    public static async Task<PrometheusServer> StartAsync(string folder, string target, string tokenFile)
    {
        var config = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(config, $"""
            scrape_configs:
              - job_name: orleansflow
                scrape_interval: 500ms
                scrape_timeout: 500ms
                authorization:
                  credentials_file: {tokenFile}
                static_configs:
                  - targets: ["{new Uri(target).Authority}"]
            """);
        var address = $"127.0.0.1:{Ports.Free().ToString(CultureInfo.InvariantCulture)}";
        var process = FlowProcess.Start(FlowProgram.Captured(
            PrometheusFactAttribute.PathOf("prometheus"),
            [$"--config.file={config}", $"--storage.tsdb.path={Path.Combine(folder, "prometheus")}", $"--web.listen-address={address}"]));
        var server = new PrometheusServer(process, $"http://{address}");
        await Eventually.TrueAsync(server.IsReadyAsync, "Prometheus is ready");
        return server;
    }

    /// <summary>Asks; a query that Prometheus refuses fails the test.</summary>
    public async Task<JsonArray> QueryAsync(string expression)
    {
        using var response = await _http.GetAsync(new Uri("/api/v1/query?query=" + Uri.EscapeDataString(expression), UriKind.Relative));
        var answer = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{expression}: {answer}");
        var json = JsonNode.Parse(answer)!;
        json["status"]!.GetValue<string>().ShouldBe("success", $"{expression}: {answer}");
        return json["data"]!["result"]!.AsArray();
    }

    /// <summary>What Prometheus says of its target: <c>up</c>, or why not; nothing while it does not know it yet.</summary>
    public async Task<string> TargetAsync()
    {
        var targets = JsonNode.Parse(await _http.GetStringAsync(new Uri("/api/v1/targets", UriKind.Relative)))!["data"]!["activeTargets"]!.AsArray();
        return targets is [{ } target] ? $"{target["health"]} {target["lastError"]}".Trim() : "";
    }

    public void Dispose()
    {
        _http.Dispose();
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process.HasExited) throw new InvalidOperationException($"Prometheus ended: {_process.Error}");
        try
        {
            using var response = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
