using System.CommandLine;
using OrleansFlow.Cli.Documents;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow cluster</c>.</summary>
internal static class ClusterCommands
{
    public static Command Build(CommandFactory create) => CommandFactory.Group("cluster", "The hosts of the installation.", Show(create));

    private static Command Show(CommandFactory create) => create.Create(
        "show", "Lists the hosts: what each does and since when, which is in charge, what it has in memory, what told it to leave, its version and address.", [],
        async (_, flow, cancellation) =>
        {
            await using var engine = await flow.ReadAsync(cancellation);
            var hosts = await engine.ListHostsAsync(cancellation);
            flow.Output.List([.. hosts.OrderByDescending(host => host.InCharge).ThenBy(host => host.Id, StringComparer.Ordinal)], HostDocument.Shape);
            return ExitCode.Success;
        });
}
