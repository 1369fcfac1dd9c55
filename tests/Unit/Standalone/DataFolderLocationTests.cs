using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Tests.Unit.Standalone;

public class DataFolderLocationTests
{
    [Theory]
    [InlineData("/data", "/xdg", "/users/ann", false, "/data")]
    [InlineData("/data", "/xdg", "/root", true, "/data")]
    [InlineData(null, "/xdg", "/root", true, "/var/lib/orleansflow")]
    [InlineData(null, "/xdg", "/users/ann", false, "/xdg/orleansflow")]
    [InlineData("", "", "/users/ann", false, "/users/ann/.local/share/orleansflow")]
    [InlineData(null, "relative", "/users/ann", false, "/users/ann/.local/share/orleansflow")]
    public void Default_IsTheFirstThatApplies(string? chosen, string? xdg, string? home, bool isRoot, string expected) =>
        DataFolderLocation.Choose(Environment(chosen, xdg, home), isRoot).ShouldBe(expected);

    [Fact]
    public void UserWithoutHome_IsAskedForAFolder() =>
        Should.Throw<HostStartException>(() => DataFolderLocation.Choose(Environment(null, null, null), isRoot: false))
            .WhatToDo.ShouldContain("FLOW_DATA_DIR");

    [Fact]
    public void Refusal_WithoutAKnownHolder_StillSaysWhatToDo()
    {
        DataFolderLock.Refusal("/data", null).Message.ShouldBe("Another host works on the data folder /data.");
        DataFolderLock.Refusal("/data", "12\n2024-01-01T00:00:00Z\n").Message
            .ShouldBe("Another host works on the data folder /data: process 12, started 2024-01-01T00:00:00Z.");
    }

    [Fact]
    public void Accounts_AreReadFromPasswdLines()
    {
        Accounts.Parse("postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash")
            .ShouldBe(new Account("postgres", 101, 104, "/var/lib/postgresql"));
        Accounts.Parse("+::::::").ShouldBeNull();
        Accounts.Parse("").ShouldBeNull();
    }

    private static Func<string, string?> Environment(string? chosen, string? xdg, string? home) => name => name switch
    {
        "FLOW_DATA_DIR" => chosen,
        "XDG_DATA_HOME" => xdg,
        "HOME" => home,
        _ => null,
    };
}
