using OrleansFlow.Cli.Commands;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>When versions of a program and its server go together.</summary>
public sealed class VersionTests
{
    [Theory]
    [InlineData("0.1.0", "0.1.0", null)]
    [InlineData("0.1.3", "0.1.0", null)]
    [InlineData("0.2.0", "0.1.9", "older")]
    [InlineData("0.2.0-rc.1", "1.0.0", "newer")]
    [InlineData("0.10.0", "0.9.0", "older")]
    [InlineData("0.1.0", "", null)]
    public void OnlyADifferenceThatMatters_IsTold(string own, string server, string? told)
    {
        if (told is null) VersionCommand.Difference(own, server).ShouldBeNull();
        else VersionCommand.Difference(own, server).ShouldNotBeNull().ShouldContain($"the server is {told}");
    }
}
