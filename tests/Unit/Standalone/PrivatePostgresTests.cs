using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Tests.Unit.Standalone;

public class PrivatePostgresTests
{
    private static readonly PostgresInstallation s_old = new("/old/bin", 14, 9);
    private static readonly PostgresInstallation s_fifteen = new("/15/bin", 15, 3);
    private static readonly PostgresInstallation s_fifteenNewer = new("/15b/bin", 15, 10);
    private static readonly PostgresInstallation s_seventeen = new("/17/bin", 17, 0);

    [Fact]
    public void FirstStart_TakesTheNewestVersion() =>
        PostgresInstallation.Choose([s_fifteen, s_seventeen, s_old], null, "/data").ShouldBe(s_seventeen);

    [Fact]
    public void LaterStarts_TakeTheNewestOfTheDatasOwnVersion() =>
        PostgresInstallation.Choose([s_fifteen, s_seventeen, s_fifteenNewer], 15, "/data").ShouldBe(s_fifteenNewer);

    [Fact]
    public void TooOldAVersion_IsAsGoodAsNone()
    {
        var refused = Should.Throw<HostStartException>(() => PostgresInstallation.Choose([s_old], null, "/data"));
        refused.Problem.ShouldBe(StartProblem.NotInstalled);
        refused.Message.ShouldContain("14.9 in /old/bin");
    }

    [Fact]
    public void DataOfAVersionThatIsNotInstalled_NamesTheInstalledOnes()
    {
        var refused = Should.Throw<HostStartException>(() => PostgresInstallation.Choose([s_seventeen, s_old], 15, "/data"));
        refused.Problem.ShouldBe(StartProblem.VersionMismatch);
        refused.Message.ShouldBe(
            "The data in /data was made by PostgreSQL 15, which is not installed here (found: 17.0 in /17/bin; 14.9 in /old/bin).");
    }

    [Theory]
    [InlineData("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n", 15, 13)]
    [InlineData("postgres (PostgreSQL) 18beta1\n", 18, 0)]
    public void Version_IsReadFromThePrograms(string output, int major, int minor) =>
        PostgresInstallation.ParseVersion("/b", output).ShouldBe(new PostgresInstallation("/b", major, minor));

    [Theory]
    [InlineData("42\n/data\n1700000000\n5432\n/run/s\n\n  1  2\nready   \n", 42, "/run/s", "ready")]
    [InlineData("42\n/data\n", 42, "", "")]
    public void PidFile_IsReadWhileItGrows(string text, int pid, string socket, string status) =>
        PostmasterFile.Parse(text).ShouldBe(new PostmasterFile(pid, "/data", socket, status));

    [Theory]
    [InlineData("")]
    [InlineData("0\n")]
    [InlineData("-5\n")]
    [InlineData("x\n")]
    public void PidFile_WithoutANumber_IsNone(string text) => PostmasterFile.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("FATAL:  could not write lock file \"postmaster.pid\": No space left on device", StartProblem.DiskFull)]
    [InlineData("initdb: error: could not create directory \"/x\": Permission denied", StartProblem.PermissionDenied)]
    [InlineData("FATAL:  could not map anonymous shared memory: Cannot allocate memory", StartProblem.ServerFailed)]
    [InlineData("initdb: error: could not look up effective user ID 4711: user does not exist", StartProblem.Unsupported)]
    [InlineData("", StartProblem.ServerFailed)]
    public void WhatTheServerSaid_IsExplained(string output, StartProblem problem)
    {
        var explained = ServerFailure.Explain("PostgreSQL could not start", output, "/data", "/data/log");
        explained.Problem.ShouldBe(problem);
        explained.Message.ShouldStartWith("PostgreSQL could not start");
        explained.WhatToDo.ShouldNotBeEmpty();
    }

    [Fact]
    public void UnknownFailure_QuotesItsFatalLine() =>
        ServerFailure.Explain("It failed", "LOG:  starting\nFATAL:  no such luck\nLOG:  shut down\n", "/data", "/data/log")
            .Message.ShouldBe("It failed. It said: FATAL:  no such luck");

    [Fact]
    public void FullDisk_IsNamed_EvenIfTheLogIsSilent() =>
        ServerFailure.Explain("It failed", "", "/data", "/data/log", diskFull: true).Problem.ShouldBe(StartProblem.DiskFull);

    [Fact]
    public void Restarts_AreImmediateOnce_ThenEverSlower_UpToALimit()
    {
        var options = new PostgresOptions { FirstBackoff = TimeSpan.FromSeconds(1), LongestBackoff = TimeSpan.FromSeconds(10) };
        new[] { 0, 1, 2, 3, 4, 5, 6, 1000 }.Select(failures => PostgresSupervisor.Backoff(failures, options).TotalSeconds)
            .ShouldBe([0, 0, 1, 2, 4, 8, 10, 10]);
    }

    [Fact]
    public void Log_IsMovedAside_OnceItHasOutgrownTheLimit()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var log = new PostgresLog(path, limit: 10);
        try
        {
            log.Bound();
            File.WriteAllText(path, "0123456789");
            log.Bound();
            log.Since(5).ShouldBe("56789");
            File.AppendAllText(path, "+");
            log.Bound();
            log.Length.ShouldBe(0);
            log.Since(5).ShouldBe("");
            File.ReadAllText(path + ".1").ShouldBe("0123456789+");
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + ".1");
        }
    }

    [Fact]
    public void SocketPath_IsShortForAnyDataFolder_AndItsOwn()
    {
        var deep = "/" + new string('d', 300);
        foreach (var user in new uint[] { 0, uint.MaxValue })
        {
            SocketFolder.RequireShort(SocketFolder.For(deep, user));
            SocketFolder.For(deep, user).ShouldNotBe(SocketFolder.For(deep + "e", user));
        }

        Should.Throw<HostStartException>(() => SocketFolder.RequireShort(deep)).Problem.ShouldBe(StartProblem.SocketPathTooLong);
    }

    [Fact]
    public void AccessRules_LetNobodyInWithoutProof()
    {
        foreach (var rule in PostgresSettings.AccessRules.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            rule.ShouldStartWith("local ");
            rule.ShouldNotContain("trust");
        }

        PostgresSettings.IdentityMap(["root", "postgres", "root"]).Split('\n')[1..^1]
            .ShouldBe(["owner  \"root\"  flow", "owner  \"postgres\"  flow"]);
    }
}
