using System.Globalization;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.DagFiles;

/// <summary>Something that is wrong with a DAG file, and where.</summary>
/// <param name="File">The file as it was named by the caller.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in characters, from 1.</param>
/// <param name="Path">The place within the document, such as <c>tasks.train_model.retries</c>; empty for the whole document.</param>
/// <param name="Message">What is wrong and what to do about it, one sentence or two.</param>
/// <param name="Severity">Whether the file is refused.</param>
public sealed record FileProblem(string File, int Line, int Column, string Path, string Message, Severity Severity = Severity.Error)
{
    /// <summary><c>dag.yaml:12:5: error: tasks.train_model.retries: ...</c>, which editors and terminals can follow.</summary>
    public override string ToString()
    {
        var severity = Severity == Severity.Error ? "error" : "warning";
        var path = Path.Length == 0 ? "" : $"{Path}: ";
        return string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {severity}: {path}{Message}");
    }
}
