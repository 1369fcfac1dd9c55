using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Tests.Unit.DagFiles;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>The settings of <c>flow server</c>.</summary>
public sealed class ServerSettingsTests
{
    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public void EverythingThatIsWrong_IsToldAtOnce()
    {
        var file = new Dictionary<string, string> { ["sweep_interval"] = "soon", ["prot"] = "1" };
        var environment = new Dictionary<string, string> { ["ORLEANSFLOW_PORT"] = "70000", ["ORLEANSFLOW_PARALELISM"] = "1", ["PATH"] = "/bin" };
        var refused = Should.Throw<HostStartException>(() => ServerSettings.Read(new Dictionary<string, string> { ["address"] = "home" }, environment, file));
        refused.Problem.ShouldBe(StartProblem.Settings);
        foreach (var part in (string[])["--address", "ORLEANSFLOW_PORT", "ORLEANSFLOW_PARALELISM", "sweep_interval in the file", "prot in the file"])
            refused.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData("connection_string", "Host=db;Prt=5", "prt")]
    [InlineData("connection_string", "Host=db;Port=many", "Port")]
    [InlineData("connection_string", "nonsense", "no connection string")]
    public void ADatabaseThatCannotBeMeant_IsToldWithTheRest(string name, string value, string says)
    {
        var refused = Should.Throw<HostStartException>(() => ServerSettings.Read(
            new Dictionary<string, string> { [name] = value, ["port"] = "x" }, None, null));

        refused.Problem.ShouldBe(StartProblem.Settings);
        foreach (var part in new[] { "--connection-string", says, "--port" }) refused.Message.ShouldContain(part);
    }

    [Fact]
    public void ASharedFolderThatIsAFile_IsRefused()
    {
        var file = Path.GetTempFileName();
        Should.Throw<HostStartException>(() => ServerSettings.Read(new Dictionary<string, string> { ["shared_dir"] = file }, None, null))
            .Message.ShouldContain($"{file} is a file");
        File.Delete(file);
    }

    [Theory]
    [InlineData("a: [b\nc")]
    [InlineData("a: b: c")]
    [InlineData("port: [8233")]
    [InlineData("port: \"8233")]
    public void AFileThatIsNoYaml_IsNamed(string text)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, text);
        var refused = Should.Throw<HostStartException>(() => SettingsFile.Read(file));
        (refused.Problem, refused.Message.StartsWith(file, StringComparison.Ordinal)).ShouldBe((StartProblem.Settings, true), refused.Message);
        File.Delete(file);
    }

    [Fact]
    public void TheCommandLine_GoesBeforeVariables_AndTheseBeforeTheFile()
    {
        var environment = new Dictionary<string, string> { ["ORLEANSFLOW_PORT"] = "2", ["ORLEANSFLOW_HTTP_PORT"] = "3" };
        var file = new Dictionary<string, string> { ["port"] = "4", ["http_port"] = "5", ["parallelism"] = "6" };
        var settings = ServerSettings.Read(new Dictionary<string, string> { ["port"] = "1" }, environment, file);
        (settings.Serve.Port, settings.Serve.HttpPort, settings.Host.Parallelism).ShouldBe((1, 3, 6));
    }

    [Theory]
    [InlineData("7d", 7)]
    [InlineData("forever", null)]
    public void Logs_AreKeptForAsLongAsIsSaid(string said, int? days) =>
        ServerSettings.Read(new Dictionary<string, string> { ["log_retention"] = said }, None, null).Host.LogRetention
            .ShouldBe(days is { } kept ? TimeSpan.FromDays(kept) : null);

    [Fact]
    public void AnAddressThatOthersReach_NeedsTokens_OrAnExplicitWord()
    {
        var everywhere = new Dictionary<string, string> { ["address"] = "0.0.0.0" };
        Should.Throw<HostStartException>(() => ServerSettings.Read(everywhere, None, null)).Message.ShouldContain("token_file");
        ServerSettings.Read(new Dictionary<string, string>(everywhere) { ["insecure"] = "true" }, None, null).Serve.Tokens.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("flow.example:8234")]
    [InlineData("https://flow.example")]
    [InlineData("a.example,b.example/flow")]
    public void ANameThatNeverMatches_IsRefused(string hosts) =>
        Should.Throw<HostStartException>(() => ServerSettings.Read(new Dictionary<string, string> { ["allowed_hosts"] = hosts }, None, null))
            .Message.ShouldContain("without a scheme");

    [Fact]
    public void Names_AreTakenAsHeadersHaveThem() =>
        ServerSettings.Read(new Dictionary<string, string> { ["allowed_hosts"] = "flow.example, ::1" }, None, null)
            .Serve.AllowedHosts.ShouldBe(["flow.example", "[::1]"]);

    [Fact]
    public void TheDocumentation_HasEverySetting() => File.ReadAllText(GoldenFiles.Folder("docs", "server.md")).ShouldContain(ServerSettings.Table());
}
