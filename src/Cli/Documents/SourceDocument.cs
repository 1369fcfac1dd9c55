using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Output;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli.Documents;

/// <summary>The description of a DAG file that was checked.</summary>
internal static class SourceDocument
{
    private static readonly Shape<FileProblem> Problem = new Shape<FileProblem>()
        .Name("severity", p => (Severity?)p.Severity)
        .Number("line", p => p.Line)
        .Number("column", p => p.Column)
        .Text("path", p => p.Path)
        .Text("message", p => p.Message);

    public static readonly Shape<DagSource> Shape = new Shape<DagSource>()
        .Text("file", s => s.File, "FILE")
        .Flag("valid", s => s.Version is not null, "VALID")
        .Text("dag", s => s.Version?.Spec.Id.Value, "DAG")
        .Text("version", s => s.Version?.Hash)
        .Number("tasks", s => s.Version?.Spec.Tasks.Count, "TASKS")
        .List("problems", s => s.Problems, Problem);
}
