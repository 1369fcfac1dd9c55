using System.CommandLine;
using OrleansFlow.Cli.Output;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow migrate</c>: brings the schema up to date, which every other use of the engine does too.</summary>
internal static class MigrateCommand
{
    private static readonly Shape<int> Shape = new Shape<int>()
        .Number("schema", version => version)
        .Column("SCHEMA", version => $"version {Words.Whole(version)}, up to date");

    public static Command Build(CommandFactory create) => create.Create(
        "migrate",
        "Brings the database schema up to date; hosts and servers do so too when they start.",
        [],
        async (_, flow, cancellation) =>
        {
            flow.Server.RefuseServer("migrate");
            await flow.MigrateAsync(cancellation);
            flow.Output.Show(flow.SchemaVersion, Shape);
            return ExitCode.Success;
        });
}
