using System.CommandLine;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow migrate</c>: brings the schema up to date; hosts also do it when they start.</summary>
internal static class MigrateCommand
{
    private static readonly Shape<Migrated> Shape = new Shape<Migrated>()
        .Number("from", m => m.From)
        .Number("to", m => m.To)
        .Column("SCHEMA", m => m.From == m.To ? $"version {m.To}, up to date" : $"version {m.From} -> {m.To}");

    public static Command Build(CommandFactory create) => create.Create(
        "migrate",
        "Brings the database schema up to date; hosts do so too when they start.",
        [],
        async (_, flow, cancellation) =>
        {
            flow.Output.Show(await flow.MigrateAsync(cancellation), Shape);
            return ExitCode.Success;
        });
}
