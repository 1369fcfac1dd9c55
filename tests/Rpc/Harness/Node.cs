using System.Diagnostics;

namespace OrleansFlow.Tests.Rpc.Harness;

/// <summary>Scripts of the folder <c>interop</c>, run by Node.js.</summary>
internal static class Node
{
    private static readonly Lazy<string?> s_missing = new(FindMissing);

    /// <summary>Why no script can run here; null when they can.</summary>
    public static string? Missing => s_missing.Value;

    private static string Folder { get; } = Path.Combine(FindRoot(), "tests", "Rpc", "interop");

    /// <summary>Runs a script to its end; it fails with what the script wrote unless the last line is <c>ok</c>.</summary>
    public static async Task PassesAsync(string script, params string[] arguments)
    {
        await using var process = Start(script, arguments);
        await process.PassesAsync();
    }

    public static NodeProcess Start(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, script), .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new NodeProcess(Process.Start(start)!);
    }

    private static string? FindMissing()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("node", ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            if (process.ExitCode != 0) return "needs Node.js";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "needs Node.js";
        }

        return Directory.Exists(Path.Combine(Folder, "node_modules")) ? null : "needs the packages of tests/Rpc/interop: ./flow test installs them";
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OrleansFlow.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests do not run from inside a checkout.");
        }

        return folder.FullName;
    }
}

/// <summary>A script that runs.</summary>
internal sealed class NodeProcess(Process process) : IAsyncDisposable
{
    private readonly Task<string> _errors = process.StandardError.ReadToEndAsync();
    private string _last = "";

    /// <summary>The next line that the script writes; the test fails with its errors when it ends instead.</summary>
    public async Task<string> LineAsync()
    {
        var line = await process.StandardOutput.ReadLineAsync().InTimeAsync();
        return line ?? throw new InvalidOperationException($"The script ended: {_last}\n{await _errors.InTimeAsync()}");
    }

    public async Task SayAsync(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
    }

    public async Task PassesAsync()
    {
        while (await process.StandardOutput.ReadLineAsync().InTimeAsync() is { } line) _last = line;
        (_last, await _errors.InTimeAsync()).ShouldBe(("ok", ""));
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}

/// <summary>Skipped, with the reason, where Node.js is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeTheoryAttribute : TheoryAttribute
{
    public NodeTheoryAttribute() => Skip = Node.Missing;
}

/// <summary>Skipped, with the reason, where Node.js is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() => Skip = Node.Missing;
}
