using System.Diagnostics;

namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>The built program, as a user has it: what <c>./flow</c> builds and runs. Built at most once per test process.</summary>
internal static class FlowProgram
{
    private static readonly Lazy<Task<string>> s_file = new(FindAsync);

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The script at the root.</summary>
    public static string Script => Path.Combine(Root, "flow");

    /// <summary>The executable.</summary>
    public static Task<string> FileAsync() => s_file.Value;

    /// <summary>How to start it: output captured, nothing of the tests' own settings in its environment.</summary>
    public static async Task<ProcessStartInfo> DescribeAsync(IEnumerable<string> arguments)
    {
        var file = await FileAsync();
        var info = Captured(file, arguments);
        var home = Path.Combine(Path.GetDirectoryName(file)!, ".dotnet");
        if (!info.Environment.ContainsKey("DOTNET_ROOT") && File.Exists(home))
            info.Environment["DOTNET_ROOT"] = (await File.ReadAllTextAsync(home)).Trim();
        return info;
    }

    /// <summary>A program with its output captured and nothing to read.</summary>
    public static ProcessStartInfo Captured(string file, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("FLOW_", StringComparison.Ordinal)).ToList()) info.Environment.Remove(name);
        info.Environment["NO_COLOR"] = "1";
        return info;
    }

    private static async Task<string> FindAsync()
    {
        if (Environment.GetEnvironmentVariable("FLOW_TEST_CLI") is { Length: > 0 } named) return named;
        var build = await FlowProcess.Start(Captured(Script, ["version"])).EndAsync(TimeSpan.FromMinutes(5));
        build.ExitCode.ShouldBe(0, build.Everything);
        var current = Path.Combine(Root, "artifacts", "cli", "current");
        var folder = new DirectoryInfo(current).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? current;
        return Path.Combine(folder, "flow");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "OrleansFlow.sln"))) return folder.FullName;
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside the repository");
    }
}
