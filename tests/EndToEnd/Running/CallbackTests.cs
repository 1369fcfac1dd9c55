using System.Text.Json;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Running;

/// <summary>Callbacks leave from the outbox, at least once, while any host is up.</summary>
public class CallbackTests
{
    /// <summary>A run that keeps a host up until the gate <c>leave</c> opens.</summary>
    private const string Keeper = "dag: keeper\ntasks: { keep: { script: 'while [ ! -e %G/leave ]; do sleep 0.05; done' } }\n";

    [Fact]
    public async Task Webhooks_TellOfTasksAndRuns_AndCommandsGetTheDocument()
    {
        await using var flow = new Installation();
        using var receiver = new WebhookReceiver();
        var file = flow.Dag("tell.yaml", $$"""
            dag: tell
            on_failure: { webhook: "{{receiver.Url}}" }
            tasks:
              good: { script: "true", on_success: { webhook: "{{receiver.Url}}" } }
              bad: { needs: [good], script: exit 5, on_failure: [/bin/sh, -c, "cat > %G/told.new; mv %G/told.new %G/told"] }
            """);

        var run = await flow.RunAsync(file);
        var keeper = await flow.StartAsync("run", flow.Dag("keeper.yaml", Keeper));
        var received = await receiver.ReceivedAsync(2);
        await flow.OpenedAsync("told");
        flow.Open("leave");
        await keeper.EndAsync();

        var events = received.Select(call => $"{Text(call.Document, "event")} {Text(call.Document, "run")}").Distinct().ToList();
        events.Count.ShouldBe(2);
        events.ShouldAllBe(each => each.EndsWith(run.Run));
        received.ShouldAllBe(call => Text(call.Document, "dag") == "tell" && Text(call.Document, "id") != null);
        using var told = JsonDocument.Parse(flow.Read("told"));
        (Text(told.RootElement, "task"), Text(told.RootElement, "run")).ShouldBe(("bad", run.Run));
    }

    [Fact]
    public async Task ReceiverThatFailsFirst_IsAskedAgain_WithTheSameId()
    {
        await using var flow = new Installation();
        using var receiver = new WebhookReceiver(500);
        await flow.RunAsync(flow.Dag("tell.yaml", $$"""
            dag: tell
            on_success: { webhook: "{{receiver.Url}}" }
            tasks: { a: { noop: {} } }
            """));

        var keeper = await flow.StartAsync("run", flow.Dag("keeper.yaml", Keeper));
        var received = await receiver.ReceivedAsync(2);
        flow.Open("leave");
        (await keeper.EndAsync()).ExitCode.ShouldBe(0);

        received.Select(call => call.Answer).ShouldBe([500, 200]);
        received.Select(call => Text(call.Document, "id")).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task HostKilledBeforeDelivery_TheNextOneDelivers()
    {
        await using var flow = new Installation();
        using var receiver = new WebhookReceiver(503);
        var host = await flow.StartAsync("run", flow.Dag("tell.yaml", $$"""
            dag: tell
            tasks:
              a: { script: "true", on_success: { webhook: "{{receiver.Url}}" } }
              b: { needs: [a], script: "while [ ! -e %G/go ]; do sleep 0.05; done" }
            """));
        await receiver.ReceivedAsync(1);

        await host.KillAsync();
        var watch = await flow.StartAsync("runs", "watch", "@latest");
        var received = await receiver.ReceivedAsync(2);
        flow.Open("go");
        (await watch.EndAsync()).ExitCode.ShouldBe(0);

        received[^1].Answer.ShouldBe(200);
        received.Select(call => Text(call.Document, "id")).Distinct().ShouldHaveSingleItem();
    }

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var found) ? found.ToString() : null;
}
