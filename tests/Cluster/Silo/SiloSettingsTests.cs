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
    public void AFile_SaysWhatOptionsAndVariablesDoNot() => With(
        """
        connection_string: Host=file
        shared_dir: /mnt/flow
        silo_port: 7001
        notice_file: /run/file
        port: 9000
        allowed_hosts: [one, two]
        """,
        file =>
        {
            var settings = Read(["--config", file, "--silo-port", "7003"], ("ORLEANSFLOW_NOTICE_FILE", "/run/notice"), ("FLOW_POSTGRES", "Host=nobody"));

            (settings.Port, settings.NoticeFile, settings.Server.Serve.Port).ShouldBe((7003, "/run/notice", 9000));
            settings.Server.Host.ConnectionString.ShouldBe("Host=file");
            settings.Server.Serve.AllowedHosts.ShouldBe(["one", "two"]);
        });

    [Fact]
    public void WhatIsWrongInAFile_IsToldWithItsPlace() => With(
        "silo_port: 0\nconnection_string: Host=db\nshared_dir: /mnt/flow",
        file => Should.Throw<HostStartException>(() => Read(["--config", file])).Message.ShouldContain("silo_port in the file: '0'"));

    [Fact]
    public void ASettingOfAFile_ThatThereIsNot_IsRefused() => With(
        "silo_prt: 1\nconnection_string: Host=db\nshared_dir: /mnt/flow",
        file => Should.Throw<HostStartException>(() => Read(["--config", file])).Message.ShouldContain("silo_prt in the file: there is no such setting"));

    [Fact]
    public void AFileThatIsNone_IsNamed() =>
        Should.Throw<HostStartException>(() => Read(["--config", "/nowhere/silo.yaml"])).Message.ShouldContain("/nowhere/silo.yaml cannot be read");

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
    public void WhatIsWrongWithTheSettingsOfServers_IsToldWithTheRest()
    {
        var problem = Should.Throw<HostStartException>(() => Read(
            ["--port", "x", "--silo-port", "0", "--shared-dir", "/mnt/flow"], ("ORLEANSFLOW_SWEEP_INTERVAL", "soon"), ("ORLEANSFLOW_SILO_PORTT", "1"), ("ORLEANSFLOW_SILO_ADDRESS", "here")));

        foreach (var part in new[]
                 {
                     "--port: 'x'", "--silo-port: '0'", "ORLEANSFLOW_SWEEP_INTERVAL: 'soon'", "ORLEANSFLOW_SILO_PORTT: there is no such setting",
                     "ORLEANSFLOW_SILO_ADDRESS: 'here'", "connection_string is missing",
                 })
            problem.Message.ShouldContain(part);
    }

    [Fact]
    public void TheDocumentation_HasThem() =>
        File.ReadAllText(Path.Combine(FlowProgram.Root, "docs", "operations.md")).ShouldContain(SiloSettings.Table());

    private static void With(string yaml, Action<string> test)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, yaml);
            test(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static SiloSettings Read(string[] arguments, params (string Name, string Value)[] variables) =>
        SiloSettings.Read(arguments, variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)));
}
