using System.Net;
using OrleansFlow.Silo.Settings;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.Cluster.Silo;

/// <summary>What a silo is told.</summary>
public sealed class SiloSettingsTests
{
    private static readonly string[] s_required = ["--connection-string", "Host=db", "--shared-dir", "/mnt/flow"];

    [Fact]
    public void OptionsGoBeforeVariables_AndTheOthersHaveDefaults()
    {
        var settings = Read([.. s_required, "--silo-port", "7001"], ("ORLEANSFLOW_SILO_PORT", "7002"), ("ORLEANSFLOW_NOTICE_FILE", "/run/notice"), ("ORLEANSFLOW_PORT", "0"));

        (settings.Port, settings.NoticeFile, settings.Server.Serve.Port).ShouldBe((7001, "/run/notice", 0));
        settings.Address.ShouldBe(IPAddress.Loopback);
    }

    [Fact]
    public void WhereTheApiListensEverywhere_SilosAreReachedAtTheMachine() =>
        Read([.. s_required, "--address", "0.0.0.0", "--insecure", "true"]).Address.ShouldNotBe(IPAddress.Any);

    [Fact]
    public void EverythingThatIsWrong_IsToldAtOnce()
    {
        var problem = Should.Throw<HostStartException>(() => Read(["--silo-port", "0", "--silo-address", "here", "--prt", "1", "--standby", "true", "--connection-string", "Host=db", "--notice-file"]));

        foreach (var part in new[] { "--silo-port: '0'", "--silo-address: 'here'", "--prt: there is no such setting", "--notice-file: its value is missing", "standby is for flow server", "shared_dir is missing" })
            problem.Message.ShouldContain(part);
    }

    [Fact]
    public void TheDocumentation_HasThem() =>
        File.ReadAllText(Path.Combine(FlowProgram.Root, "docs", "operations.md")).ShouldContain(SiloSettings.Table());

    private static SiloSettings Read(string[] arguments, params (string Name, string Value)[] variables) =>
        SiloSettings.Read(arguments, variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)));
}
