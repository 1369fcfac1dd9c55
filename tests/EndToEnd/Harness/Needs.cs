namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>Skipped, with the reason, where the packages that the sample's tasks import are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_has = new(() => Tools.Succeeds("/usr/bin/python3", "-c", "import pandas, sklearn, joblib, psycopg2"));

    public PythonFactAttribute()
    {
        if (!s_has.Value) Skip = "needs /usr/bin/python3 with pandas, scikit-learn, joblib and psycopg2";
    }
}

/// <summary>Skipped, with the reason, where no file system can be mounted: without root, or in a closed container.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_can = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("flow-e2e-mount-").FullName;
        try
        {
            return Tools.Succeeds("/bin/mount", "-t", "tmpfs", "-o", "size=1m", "none", folder) && Tools.Succeeds("/bin/umount", folder);
        }
        finally
        {
            Directory.Delete(folder);
        }
    });

    public SmallDiskFactAttribute()
    {
        if (!s_can.Value) Skip = "needs the right to mount a small file system";
    }
}

/// <summary>Skipped, with the reason, where Node.js or the packages that the tests of <c>tests/Rpc</c> use are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_has = new(() => Directory.Exists(Packages) && Tools.Succeeds("node", "--version"));

    public NodeFactAttribute()
    {
        if (!s_has.Value) Skip = "needs Node.js and the packages of tests/Rpc/interop: ./flow test installs them";
    }

    /// <summary>The folder with the packages.</summary>
    public static string Packages { get; } = Path.Combine(FlowProgram.Root, "tests", "Rpc", "interop", "node_modules");
}

/// <summary>Skipped, with the reason, where Prometheus and its promtool are neither installed nor fetched.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrometheusFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_has = new(() => Tools.Succeeds(PathOf("promtool"), "--version") && Tools.Succeeds(PathOf("prometheus"), "--version"));

    public PrometheusFactAttribute()
    {
        if (!s_has.Value) Skip = "needs prometheus and promtool: ./flow test fetches them where there is apt";
    }

    /// <summary>One of its two programs.</summary>
    public static string PathOf(string program)
    {
        var fetched = Path.Combine(FlowProgram.Root, "artifacts", "prometheus", "usr", "bin", program);
        return File.Exists(fetched) ? fetched : program;
    }
}

/// <summary>Skipped, with the reason, where no terminal can be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TerminalFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_can = new(() => Tools.Succeeds("/usr/bin/script", "-qec", "true", "/dev/null"));

    public TerminalFactAttribute()
    {
        if (!s_can.Value) Skip = "needs /usr/bin/script of util-linux";
    }
}

/// <summary>Small programs of the machine.</summary>
internal static class Tools
{
    /// <summary>Whether it is there, runs and exits with 0.</summary>
    public static bool Succeeds(string file, params string[] arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(FlowProgram.Captured(file, arguments))!;
            process.StandardInput.Close();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
