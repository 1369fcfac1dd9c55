using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using OrleansFlow.Cli.Output;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow version</c>.</summary>
internal static class VersionCommand
{
    private static readonly Shape<BuildVersion> Shape = new Shape<BuildVersion>()
        .Text("version", v => v.Version, "FLOW")
        .Text("commit", v => v.Commit, "COMMIT")
        .Text("runtime", v => v.Runtime, "RUNTIME")
        .Text("system", v => v.System, "SYSTEM");

    public static Command Build(CommandFactory create) => create.Create(
        "version",
        "Prints the version.",
        [],
        (_, flow, _) =>
        {
            flow.Output.Show(Read(), Shape);
            return Task.FromResult(ExitCode.Success);
        });

    /// <summary>The version is built in as <c>0.1.0+commit</c>.</summary>
    private static BuildVersion Read()
    {
        var text = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var parts = text.Split('+', 2);
        return new BuildVersion(
            parts[0], parts.Length > 1 ? parts[1] : null, RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);
    }

    private sealed record BuildVersion(string Version, string? Commit, string Runtime, string System);
}
