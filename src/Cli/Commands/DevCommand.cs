using System.CommandLine;
using OrleansFlow.Cli.Embedded;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow dev</c>: the engine and its API on this machine, until Ctrl-C.</summary>
internal static class DevCommand
{
    public static Command Build(CommandFactory create)
    {
        var data = new Option<string?>("--data") { Description = "Folder of the engine's data (the same as --data-dir).", HelpName = "folder" };
        var port = Arguments.Whole("--port", "Port of gRPC; 0: any that is free.", "port", ServeOptions.StandardPort);
        var httpPort = Arguments.Whole("--http-port", "Port of JSON over HTTP/1.1; 0: any that is free.", "port", ServeOptions.StandardHttpPort);
        var ephemeral = new Option<bool>("--ephemeral") { Description = "Use a data folder of its own, which is removed at the end." };
        return create.Create(
            "dev", "Serves the API on this machine and runs tasks as local processes, until Ctrl-C.", [data, port, httpPort, ephemeral],
            async (args, flow, cancellation) =>
            {
                ServeCommand.RefuseWhatDoesNotCount(flow, "dev");
                if (flow.Server.TokenFile is not null) throw CliException.Invalid("flow dev asks for the token of its data folder: leave out --token-file, or use flow server");
                var options = new ServeOptions { Port = ReadPort(args.GetValue(port), "--port"), HttpPort = ReadPort(args.GetValue(httpPort), "--http-port") };
                if (options.Port != 0 && options.Port == options.HttpPort)
                    throw CliException.Invalid($"--port and --http-port are both {options.Port}: without TLS one port cannot speak both protocols");
                var host = new FlowHostOptions
                {
                    DataFolder = args.GetValue(data) ?? flow.Engine.DataFolder,
                    ConnectionString = flow.Engine.ConnectionString,
                    Hurry = flow.Interrupts.Hurry,
                    Measured = true,
                };
                if (!args.GetValue(ephemeral)) return await ServeCommand.ServeAsync(flow, host, options, cancellation);
                if (host.DataFolder is not null)
                    throw CliException.Invalid($"{(args.GetValue(data) is null ? "--data-dir" : "--data")} and --ephemeral exclude each other");
                if (host.ConnectionString is not null) throw CliException.Invalid("--ephemeral has a database of its own: unset FLOW_POSTGRES");
                var folder = Path.Combine(Path.GetTempPath(), $"flow-dev-{flow.NewSuffix()}");
                try
                {
                    return await ServeCommand.ServeAsync(flow, host with { DataFolder = folder }, options, cancellation);
                }
                finally
                {
                    if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
                }
            });
    }

    private static int ReadPort(int port, string option) =>
        port is >= 0 and <= 65535 ? port : throw CliException.Invalid($"{option}: {port} is no port: 0 to 65535");
}

/// <summary>Hosts the engine and its API until the process is told to end.</summary>
internal static class ServeCommand
{
    /// <summary>Options of every command that would say nothing here.</summary>
    /// <exception cref="CliException">One of them was given.</exception>
    public static void RefuseWhatDoesNotCount(Invocation flow, string command)
    {
        flow.Server.RefuseServer(command);
        if (!flow.Output.ForPeople) throw CliException.Invalid($"flow {command} has no result that could be a document: leave out --output");
    }

    public static Task<int> ServeAsync(Invocation flow, FlowHostOptions host, ServeOptions options, CancellationToken cancellation) =>
        EmbeddedEngines.ExplainAsync(() => ServeUntilToldAsync(flow, host, options, cancellation));

    private static async Task<int> ServeUntilToldAsync(Invocation flow, FlowHostOptions hostOptions, ServeOptions options, CancellationToken cancellation)
    {
        RefuseBesideAnother(hostOptions);
        FlowServer.RequirePorts(options);
        await using var host = await EmbeddedHost.StartAsync(hostOptions, flow.Messages, cancellation);
        flow.Interrupts.Host();
        await using var server = await FlowServer.StartAsync(host, options, cancellation);
        Announce(flow, host, server, options);
        using var listening = new CancellationTokenSource();
        var notices = PassOnAsync(flow, host, listening.Token);
        await UntilAsync(flow, host.Fenced, cancellation);
        await host.LeaveAsync(server, flow.Interrupts.Signal);
        await listening.CancelAsync();
        await notices;
        return ExitCode.Success;
    }

    /// <summary>One server serves a data folder: whoever starts another is told where, before anything is made or locked.</summary>
    private static void RefuseBesideAnother(FlowHostOptions options)
    {
        if (options.ConnectionString is not null) return;
        var folder = DataFolder.OpenToLook(options.DataFolder);
        if (LiveServer.Find(folder) is not { } live) return;
        throw new HostBusyException(
            $"a server serves {folder.Root} already: gRPC {live.Grpc}, HTTP/JSON {live.Http} (process {live.Pid}); commands that use this folder find it. "
            + $"Stop it first (kill {live.Pid}), or choose another folder with --data-dir and free ports with --port and --http-port");
    }

    /// <summary>Returns when the process is told to end.</summary>
    /// <exception cref="CliException">Another host has taken over: there is nothing left to do here, and whoever started this should know.</exception>
    internal static async Task UntilAsync(Invocation flow, CancellationToken fenced, CancellationToken told)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(fenced, told);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, flow.Screen.Time, either.Token);
        }
        catch (OperationCanceledException) when (told.IsCancellationRequested)
        {
            flow.Messages.Say("stopping: tasks that run are ended, and go on at the next host: one that stands by, or the next start here");
        }
        catch (OperationCanceledException)
        {
            throw new CliException(
                ExitCode.Unavailable,
                "another host has taken over the database, which this one had not reached for too long: it ends, and the other goes on with the runs; "
                + "to have this one back, stop the other and start it again");
        }
    }

    private static void Announce(Invocation flow, EmbeddedHost host, FlowServer server, ServeOptions options)
    {
        flow.Screen.Out.WriteLine($"gRPC       {server.Live.Grpc}");
        flow.Screen.Out.WriteLine($"HTTP/JSON  {server.Live.Http}");
        flow.Screen.Out.WriteLine($"data       {host.DataFolder}");
        flow.Screen.Out.Flush();
        if (options.Tokens is not null) return;
        var token = Path.Combine(host.DataFolder, Path.GetFileName(DataFolder.Open(host.DataFolder).ApiToken));
        flow.Messages.Say(
            $"""
            Try it:    curl -H "authorization: Bearer $(cat {token})" -H 'content-type: application/json' -d '{"{}"}' {server.Live.Http}/orleansflow.v1.SystemService/GetSystemInfo
            Ctrl-C stops it; runs go on with the next start on this data folder.
            """);
    }

    private static async Task PassOnAsync(Invocation flow, EmbeddedHost host, CancellationToken cancellation)
    {
        await foreach (var notice in host.NoticesAsync(cancellation)) flow.Messages.Say(notice);
    }
}
