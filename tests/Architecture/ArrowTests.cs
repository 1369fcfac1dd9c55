namespace OrleansFlow.Tests.Architecture;

public class ArrowTests
{
    private static IEnumerable<ProjectFile> Sources => Repository.Projects.Where(project => project.IsSource);

    [Fact]
    public void EverySourceProject_IsInTheTable() =>
        Sources.Where(project => !Arrows.Knows(project.Name)).Select(project => project.Name)
            .ShouldBeEmpty("a project that the table of arrows does not know");

    [Fact]
    public void EveryReference_IsAnArrowOfTheTable() =>
        Sources.SelectMany(from => from.Projects.Where(to => !Arrows.Permits(from.Name, to))
                .Select(to => $"{from.Name} references {to}: the table has no arrow {from.Name} -> {to} ({from.Path})"))
            .ShouldBeEmpty();

    // The two hosts are put together from the same parts, which are nobody else's business.
    [Fact]
    public void InternalsAreShared_OnlyWithTestsAndBenchmarks_AndBetweenTheTwoHosts() =>
        Sources.SelectMany(from => from.Friends.Where(friend => !IsTestOrBenchmark(friend) && (from.Name, friend) != ("Standalone", "OrleansFlow.Silo"))
                .Select(friend => $"{from.Name} shows its internals to {friend}: that is an arrow the table does not have"))
            .ShouldBeEmpty();

    [Fact]
    public void SourceProjects_DoNotReferenceTests() =>
        Sources.SelectMany(from => from.Projects.Where(to => !Sources.Any(source => source.Name == to))
                .Select(to => $"{from.Name} references {to}, which is not under src/"))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("Microsoft.Orleans.", new[] { "Grains.Abstractions", "Grains", "Silo" })]
    [InlineData("Google.Protobuf", new[] { "Contracts", "Rpc" })]
    [InlineData("Grpc.", new[] { "Contracts", "Rpc" })]
    [InlineData("Npgsql", new[] { "Storage.Postgres", "Standalone", "Silo" })]
    [InlineData("OpenTelemetry", new[] { "Telemetry" })]
    [InlineData("AWSSDK.", new[] { "Artifacts.S3" })]
    [InlineData("YamlDotNet", new[] { "DagFiles", "Standalone", "Cli" })]
    [InlineData("System.CommandLine", new[] { "Cli" })]
    [InlineData("Spectre.Console", new[] { "Cli" })]
    public void APackageOfOneLayer_StaysThere(string prefix, string[] allowed) =>
        Sources.Where(project => !allowed.Contains(project.Name))
            .Where(project => project.Packages.Any(package => package.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(project => $"{project.Name} references {prefix}*, which belongs to {string.Join(", ", allowed)}")
            .ShouldBeEmpty();

    [Fact]
    public void TheCore_HasNoPackagesButCalendars()
    {
        string[] calendars = ["NCrontab.Signed", "NodaTime"];
        Sources.Where(project => project.Name is "Domain" or "Scheduling")
            .SelectMany(project => project.Packages.Except(calendars).Select(package => $"{project.Name} references {package}"))
            .ShouldBeEmpty();
    }

    [Fact]
    public void EveryProject_IsInTheSolution()
    {
        var solution = Repository.Text("OrleansFlow.sln").Replace('\\', '/');
        Repository.Projects.Where(project => !project.Path.StartsWith("build/", StringComparison.Ordinal))
            .Where(project => !solution.Contains(project.Path, StringComparison.Ordinal))
            .Select(project => project.Path)
            .ShouldBeEmpty("missing from OrleansFlow.sln");
    }

    [Fact]
    public void TheTable_RefusesWhatTheLayersForbid()
    {
        Arrows.Permits("Domain", "Scheduling").ShouldBeFalse();
        Arrows.Permits("Scheduling", "Storage.Postgres").ShouldBeFalse();
        Arrows.Permits("Standalone", "Grains").ShouldBeFalse();
        Arrows.Permits("Standalone", "Storage.Postgres").ShouldBeTrue();
    }

    private static bool IsTestOrBenchmark(string name) =>
        name.StartsWith("OrleansFlow.Tests.", StringComparison.Ordinal) || name is "OrleansFlow.Bench" or "DynamicProxyGenAssembly2";
}
