using System.Collections;
using System.Runtime.InteropServices;
using OrleansFlow.Silo.Hosting;
using OrleansFlow.Silo.Settings;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Storage.Postgres.Migrations;

const int invalid = 2, unavailable = 3;
var notice = default(string);
using var told = new CancellationTokenSource();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Tell);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Tell);
try
{
    var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));
    var settings = SiloSettings.Read(args, variables);
    FlowServer.RequirePorts(settings.Server.Serve);
    settings.RequirePort();
    await using var host = await ClusterHost.StartAsync(settings, told.Token);
    var server = await FlowServer.StartAsync(host, settings.Server.Serve, told.Token);
    Console.WriteLine($"gRPC       {server.Live.Grpc}");
    Console.WriteLine($"HTTP/JSON  {server.Live.Http}");
    Console.WriteLine($"silo       {settings.Address}:{settings.Port}");
    Console.WriteLine($"data       {host.DataFolder}");
    using var listening = new CancellationTokenSource();
    var saying = SayAsync(host, listening.Token);
    using var file = new NoticeFile(settings.NoticeFile, () => Leave($"the file {settings.NoticeFile}"), TimeProvider.System);
    using var either = CancellationTokenSource.CreateLinkedTokenSource(told.Token, host.Fenced);
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    if (notice is not null) Console.Error.WriteLine($"flow-silo: told to leave by {notice}: it hands over what it has, and ends");
    await host.LeaveAsync(server, notice);
    await listening.CancelAsync();
    await saying;
    if (!host.Fenced.IsCancellationRequested) return 0;
    Console.Error.WriteLine("flow-silo: the other silos held this one for dead and have gone on without it: start it again");
    return unavailable;
}
catch (HostStartException refused)
{
    Console.Error.WriteLine($"flow-silo: {refused.Message} {refused.WhatToDo}");
    return refused.Problem == StartProblem.Settings ? invalid : unavailable;
}
catch (Exception refused) when (refused is AnotherHostException or MigrationException or StoreException)
{
    Console.Error.WriteLine($"flow-silo: {refused.Message}");
    return unavailable;
}
catch (OperationCanceledException) when (told.IsCancellationRequested)
{
    return 0;
}

void Tell(PosixSignalContext signal)
{
    signal.Cancel = true;
    Leave($"{signal.Signal}");
}

void Leave(string why)
{
    Interlocked.CompareExchange(ref notice, why, null);
    told.Cancel();
}

static async Task SayAsync(ClusterHost host, CancellationToken cancellation)
{
    await foreach (var notice in host.NoticesAsync(cancellation)) Console.Error.WriteLine($"flow-silo: {notice}");
}
