using System.Globalization;
using OrleansFlow.Execution.LocalProcess.Noop;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Bench.Watch;

/// <summary>
/// The process of the server: host and API over tasks that end when they are told to. Writes its address; a line of its input is a number of
/// changes per second, at which the tasks end from then on. Stops with its input.
/// </summary>
internal static class WatchServer
{
    public const string Role = "watch-server";

    public static async Task RunAsync(string folder)
    {
        var time = TimeProvider.System;
        var backend = new NoopBackend(time, stepped: true);
        await using var host = await EmbeddedHost.StartAsync(new FlowHostOptions { DataFolder = folder }, backend, null, CancellationToken.None);
        await using var server = await FlowServer.StartAsync(host, new ServeOptions { Port = 0, HttpPort = 0 }, CancellationToken.None);
        Console.WriteLine(server.Live.Grpc);
        using var over = new CancellationTokenSource();
        var stepping = Task.CompletedTask;
        while (await Console.In.ReadLineAsync() is { } line)
            stepping = StepAsync(backend, double.Parse(line, CultureInfo.InvariantCulture), time, over.Token);
        await over.CancelAsync();
        await stepping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Open loop: a step that comes late does not delay those after it.</summary>
    private static async Task StepAsync(NoopBackend backend, double perSecond, TimeProvider time, CancellationToken cancellation)
    {
        var start = time.GetUtcNow();
        for (var done = 0; ;)
        {
            for (; start + TimeSpan.FromSeconds(done / perSecond) <= time.GetUtcNow(); done++)
                if (!backend.EndOne())
                    return;
            await Task.Delay(TimeSpan.FromMilliseconds(2), time, cancellation);
        }
    }
}
