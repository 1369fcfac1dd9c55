using OrleansFlow.Contracts;
using OrleansFlow.Tests.Unit.DagFiles;

namespace OrleansFlow.Tests.Unit.Contracts;

/// <summary>What clients can depend on stays: <c>api.txt</c> is what it was, and what is new is written down there.</summary>
public class ApiSurfaceTests
{
    private static string Baseline => GoldenFiles.Folder("tests", "Unit", "Contracts", "api.txt");

    [Fact]
    public void Nothing_ThatClientsDependOn_IsGoneOrDifferent() => Breaks().ShouldBeEmpty(
        "clients break: within v1 things are only added (src/Contracts/proto/README.md). What was never released may be changed in api.txt by hand");

    [Fact]
    public void WhatIsNew_IsWrittenDown()
    {
        Breaks().ShouldBeEmpty("a break is never written down by itself");
        GoldenFiles.ShouldMatch(ApiSurface.Write(Current()), Baseline);
    }

    [Fact]
    public void TheText_SaysAllThatTheDescriptorsSay() => ApiSurface.Read(ApiSurface.Write(Current())).ShouldBe(Current());

    private static IReadOnlyList<string> Breaks() =>
        ApiSurface.Breaks(File.Exists(Baseline) ? ApiSurface.Read(File.ReadAllText(Baseline)) : [], Current());

    private static IReadOnlyList<KeyValuePair<string, string>> Current() =>
        ApiSurface.Of(ApiDescriptors.ReadWithComments().Select(file => file.ToProto()));
}
