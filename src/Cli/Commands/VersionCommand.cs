using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using OrleansFlow.Cli.Output;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow version</c>: this program's, and that of the server which is meant.</summary>
internal static class VersionCommand
{
    private static readonly Shape<Versions> Shape = new Shape<Versions>()
        .Text("version", v => v.Version, "FLOW")
        .Text("commit", v => v.Commit, "COMMIT")
        .Text("runtime", v => v.Runtime, "RUNTIME")
        .Text("system", v => v.System, "SYSTEM")
        .Text("server", v => v.Server?.Address, "SERVER")
        .Text("serverVersion", v => v.Server?.Info.Version, "ITS FLOW")
        .Text("serverCommit", v => v.Server?.Info.Commit);

    private static readonly Shape<Versions> Own = new Shape<Versions>()
        .Text("version", v => v.Version, "FLOW")
        .Text("commit", v => v.Commit, "COMMIT")
        .Text("runtime", v => v.Runtime, "RUNTIME")
        .Text("system", v => v.System, "SYSTEM");

    public static Command Build(CommandFactory create) => create.Create(
        "version",
        "Prints the version, and that of the server that is meant by --server, FLOW_SERVER or the current context.",
        [],
        async (_, flow, cancellation) =>
        {
            var own = Read();
            if (flow.Engine.FindServer() is not { } server)
            {
                flow.Output.Show(own, Own);
                return ExitCode.Success;
            }

            await using var engine = await flow.ReadAsync(cancellation);
            var info = await engine.FindInfoAsync(cancellation) ?? throw new InvalidOperationException("a server has no engine of its own here");
            flow.Output.Show(own with { Server = new ServerVersion(server.Address, info) }, Shape);
            if (Difference(own.Version, info.Version) is { } difference) flow.Messages.Say($"warning: {difference}");
            return ExitCode.Success;
        });

    /// <summary>What may go wrong between a program and a server of other versions; null when nothing is to be expected.</summary>
    /// <param name="own">The program's, such as <c>0.1.0</c>.</param>
    /// <param name="server">The server's.</param>
    internal static string? Difference(string own, string server)
    {
        if (Numbers(own) is not { } mine || Numbers(server) is not { } its || mine == its) return null;
        return mine.CompareTo(its) > 0
            ? $"the server is older ({server}) than this flow ({own}): it may not know what some commands ask for; update the server"
            : $"the server is newer ({server}) than this flow ({own}): what it says may not all be shown; update flow";
    }

    // Of 1.2.3 the third number tells of corrections alone; what stands behind a dash is a build before its release.
    private static (int Major, int Minor)? Numbers(string version) => version.Split('-')[0].Split('.') is [var major, var minor, ..]
        && int.TryParse(major, out var first) && int.TryParse(minor, out var second) ? (first, second) : null;

    /// <summary>The version is built in as <c>0.1.0+commit</c>.</summary>
    private static Versions Read()
    {
        var text = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var parts = text.Split('+', 2);
        return new Versions(
            parts[0], parts.Length > 1 ? parts[1] : null, RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);
    }

    private sealed record Versions(string Version, string? Commit, string Runtime, string System)
    {
        public ServerVersion? Server { get; init; }
    }

    private sealed record ServerVersion(string Address, SystemInfo Info);
}
