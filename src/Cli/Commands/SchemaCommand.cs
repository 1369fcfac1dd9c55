using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow schema</c>: the JSON schema of DAG files, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Build(CommandFactory create) => create.Create(
        "schema",
        "Prints the JSON schema of DAG files; editors complete and check against it.",
        [],
        (_, flow, _) =>
        {
            flow.Output.Document(JsonNode.Parse(DagSchema.Generate())!);
            return Task.FromResult(ExitCode.Success);
        });
}
