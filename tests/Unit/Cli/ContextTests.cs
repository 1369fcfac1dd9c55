using OrleansFlow.Cli;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Tests.Unit.Cli.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>Names for servers, and which server a command works against.</summary>
public sealed class ContextTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("flow-contexts").FullName;
    private readonly Dictionary<string, string> _environment;
    private readonly CommandLine _call;

    public ContextTests()
    {
        _environment = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = _home };
        _call = new CommandLine(new FakeEngines()) { Environment = Value };
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task TheFirstContext_BecomesCurrent_AndOnlyItsOwnerReadsIt()
    {
        (await _call.InvokeAsync("context", "add", "prod", "--server", "https://flow.example:8233", "--token-file", "token")).ShouldBe(ExitCode.Success);
        (await _call.InvokeAsync("context", "add", "test", "--server", "http://127.0.0.1:1")).ShouldBe(ExitCode.Success);

        _call.Error.ToString().ShouldContain("'prod' is the current context: commands work against https://flow.example:8233");
        _call.Error.ToString().ShouldNotContain("'test' is the current context");
        var file = new ContextFile(Value);
        var contexts = file.Read();
        contexts.Current.ShouldBe("prod");
        contexts.All.Select(context => context.Name).ShouldBe(["prod", "test"]);
        contexts.Find("prod")!.TokenFile.ShouldBe(Path.GetFullPath("token"));
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(file.Place!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(Path.GetDirectoryName(file.Place!)!).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Use_List_AndRemove_SayWhatThereIs()
    {
        await _call.InvokeAsync("context", "add", "a", "--server", "a:1");
        await _call.InvokeAsync("context", "add", "b", "--server", "b:1");
        _call.Out.GetStringBuilder().Clear();

        (await _call.InvokeAsync("context", "use", "b", "-o", "json")).ShouldBe(ExitCode.Success);
        _call.Out.ToString().ShouldContain("\"name\": \"b\",\n    \"current\": true");
        (await _call.InvokeAsync("context", "remove", "b")).ShouldBe(ExitCode.Success);
        new ContextFile(Value).Read().ShouldSatisfyAllConditions(c => c.Current.ShouldBeNull(), c => c.All.ShouldHaveSingleItem());
        (await _call.InvokeAsync("context", "use", "local")).ShouldBe(ExitCode.Success);
        (await _call.InvokeAsync("context", "list")).ShouldBe(ExitCode.Success);
        _call.Error.ToString().ShouldContain("no context is current");
    }

    [Theory]
    [InlineData("FLOW_DATA_DIR")]
    [InlineData("FLOW_POSTGRES")]
    [InlineData("FLOW_SERVER")]
    public async Task AVariableThatGoesBeforeTheCurrentContext_IsNamed(string variable)
    {
        _environment[variable] = "127.0.0.1:1";

        await _call.InvokeAsync("context", "add", "prod", "--server", "https://flow.example:8233");
        _call.Error.ToString().ShouldBe(
            $"{variable} is set and goes before the current context: commands do not work against 'prod' until you unset it, or say --context prod\n");
        _call.Error.GetStringBuilder().Clear();
        await _call.InvokeAsync("context", "list");
        _call.Error.ToString().ShouldContain(variable);
        await _call.InvokeAsync("context", "use", "local");
        _call.Error.GetStringBuilder().Clear();
        await _call.InvokeAsync("context", "list");

        _call.Error.ToString().ShouldNotContain(variable);
    }

    [Fact]
    public async Task DevOfAFolderThatIsServed_SaysWhere_AndStartsNothing()
    {
        if (OperatingSystem.IsWindows()) return;
        var folder = DataFolder.Open(Path.Combine(_home, "data"));
        using var held = folder.Lock();
        File.WriteAllText(
            folder.ApiAddress, $"pid={Environment.ProcessId}\ngrpc=http://127.0.0.1:7001\nhttp=http://127.0.0.1:7002\n");

        (await _call.InvokeAsync("dev", "--data", folder.Root)).ShouldBe(ExitCode.Unavailable);

        _call.Error.ToString().ShouldContain("serves");
        _call.Error.ToString().ShouldContain("gRPC http://127.0.0.1:7001, HTTP/JSON http://127.0.0.1:7002");
        Directory.Exists(folder.Postgres).ShouldBeFalse();
    }

    [Theory]
    [InlineData("context", "use", "nobody")]
    [InlineData("context", "remove", "nobody")]
    [InlineData("context", "add", "x")]
    [InlineData("context", "add", "local", "--server", "a:1")]
    [InlineData("context", "add", "..", "--server", "a:1")]
    [InlineData("context", "add", "x", "--server", "ftp://a")]
    [InlineData("context", "add", "x", "--server", "http://h:1/path")]
    [InlineData("context", "add", "x", "--server", "unix://rel")]
    [InlineData("context", "add", "x", "--server", "http://flow.example:8233", "--token-file", "token")]
    public async Task WhatMakesNoSense_IsRefused(params string[] args)
    {
        (await _call.InvokeAsync(args)).ShouldBe(ExitCode.Invalid);

        File.Exists(new ContextFile(Value).Place).ShouldBeFalse();
    }

    [Fact]
    public void ABrokenFile_IsNamed()
    {
        var file = new ContextFile(Value);
        Directory.CreateDirectory(Path.GetDirectoryName(file.Place!)!);
        foreach (var text in new[] { "", "[]", "{\"contexts\":[{}]}", "{\"contexts\":3}", "no json" })
        {
            File.WriteAllText(file.Place!, text);
            Should.Throw<CliException>(() => file.Read()).Message.ShouldContain(file.Place!);
        }
    }

    [Fact]
    public void OptionsGoBeforeTheEnvironment_AndThatBeforeTheContext()
    {
        new ContextFile(Value).Write(new Contexts([new ServerContext("c", "https://context:1", "/token")], "c"));
        Choose().ShouldBe(new ServerAddress("https://context:1", "/token", "the current context 'c'"));
        Choose(tokenFile: "/other")!.TokenFile.ShouldBe("/other");
        Choose(context: "local").ShouldBeNull();
        Choose(dataFolder: "/data").ShouldBeNull();

        _environment["FLOW_DATA_DIR"] = "/data";
        Choose().ShouldBeNull();
        Choose(context: "c")!.Address.ShouldBe("https://context:1");

        _environment["FLOW_SERVER"] = "https://variable:1";
        _environment["FLOW_TOKEN_FILE"] = "/variable";
        Choose().ShouldBe(new ServerAddress("https://variable:1", "/variable", "FLOW_SERVER"));
        Choose(dataFolder: "/data").ShouldBeNull();
        Choose(context: "local", dataFolder: "/data").ShouldBeNull();
        Should.Throw<CliException>(() => Choose(server: "a:1", dataFolder: "/data")).Message.ShouldContain("--server and --data-dir");
        Should.Throw<CliException>(() => Choose(context: "c", dataFolder: "/data")).Message.ShouldContain("--context and --data-dir");
        Choose(server: "https://option:1").ShouldBe(new ServerAddress("https://option:1", "/variable", "--server"));
        Should.Throw<CliException>(() => Choose(server: "a:1", context: "c"));
        Should.Throw<CliException>(() => Choose(context: "nobody")).Message.ShouldContain("there are: c");
    }

    [Theory]
    [InlineData("127.0.0.1:8233", true)]
    [InlineData("http://localhost:8233", true)]
    [InlineData("[::1]:8233", true)]
    [InlineData("unix:///run/flow.sock", true)]
    [InlineData("https://flow.example", false)]
    public void APathOfAServer_IsAPathHere_OnlyOnThisMachine(string address, bool here)
    {
        ServerAddress.Problem(address, "/token").ShouldBeNull();
        new ServerAddress(address, null, "").IsThisMachine.ShouldBe(here);
    }

    [Theory]
    [InlineData("migrate", "--server", "a:1")]
    [InlineData("migrate", "--context", "a")]
    [InlineData("dev", "--server", "a:1")]
    [InlineData("server", "--context", "a")]
    [InlineData("dev", "--token-file", "/token")]
    [InlineData("dev", "--ephemeral", "--data-dir", "/data")]
    [InlineData("dev", "--output", "json")]
    [InlineData("runs", "list", "--patience", "soon")]
    public async Task AnOptionThatWouldSayNothing_IsRefused(params string[] args)
    {
        (await _call.InvokeAsync(args)).ShouldBe(ExitCode.Invalid);

        _call.Error.ToString().ShouldContain(args.Last(arg => arg.StartsWith("--", StringComparison.Ordinal)));
    }

    [Fact]
    public void AServer_TakesWhatEveryCommandTakes()
    {
        var engine = new EngineOptions("/option", "Host=variable", new Progress<string>(), CancellationToken.None);
        var variables = new Dictionary<string, string> { ["ORLEANSFLOW_DATA_DIR"] = "/variable" };

        ServerCommand.Read(engine, [], variables, []).Host.ShouldSatisfyAllConditions(
            host => host.DataFolder.ShouldBe("/option"), host => host.ConnectionString.ShouldBe("Host=variable"));
        ServerCommand.Read(engine, [], [], new() { ["connection_string"] = "Host=file" }).Host.ConnectionString.ShouldBe("Host=file");
    }

    [Fact]
    public async Task AHostThatLostItsDatabase_Ends_AndSaysSo()
    {
        var globals = new GlobalOptions();
        var flow = globals.Bind(FlowCommand.Build(_call.Services, globals).Parse(["dev"]), _call.Services with
        {
            Screen = _call.Services.Screen with { Time = TimeProvider.System },
        });
        using var fenced = new CancellationTokenSource();
        using var told = new CancellationTokenSource();
        var lost = ServeCommand.UntilAsync(flow, fenced.Token, CancellationToken.None);
        var stopped = ServeCommand.UntilAsync(flow, CancellationToken.None, told.Token);

        await fenced.CancelAsync();
        await told.CancelAsync();

        (await Should.ThrowAsync<CliException>(lost)).ExitCode.ShouldBe(ExitCode.Unavailable);
        await stopped;
    }

    [Theory]
    [InlineData(null, null, null, null, "")]
    [InlineData("http://[::1]:8233", "secrets/token", null, null, " --server 'http://[::1]:8233' --token-file secrets/token")]
    [InlineData(null, null, "night", null, " --context night")]
    [InlineData(null, null, null, "it's here", @" --data-dir 'it'\''s here'")]
    public void OtherCommands_AreTold_WithTheOptionsThatNameTheEngine(string? server, string? tokenFile, string? context, string? dataFolder, string options) =>
        new ServerChoice(server, tokenFile, context, dataFolder).Options.ShouldBe(options);

    private ServerAddress? Choose(string? server = null, string? tokenFile = null, string? context = null, string? dataFolder = null) =>
        new ServerChoice(server, tokenFile, context, dataFolder).Find(Value);

    private string? Value(string name) => _environment.GetValueOrDefault(name);
}
