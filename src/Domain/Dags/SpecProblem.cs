namespace OrleansFlow.Domain.Dags;

/// <summary>How bad a problem is.</summary>
public enum Severity
{
    /// <summary>The DAG is refused.</summary>
    Error = 1,

    /// <summary>The DAG works, but probably not as meant.</summary>
    Warning = 2,
}

/// <summary>Something that is wrong with a <see cref="DagSpec"/>, and where.</summary>
/// <param name="At">
/// The place, step by step, in the words of the DAG file: <c>tasks</c>, the task's full id, <c>needs</c>, <c>[0]</c>.
/// </param>
/// <param name="Message">What is wrong and what to do about it.</param>
/// <param name="Severity">Whether the DAG is refused.</param>
public sealed record SpecProblem(IReadOnlyList<string> At, string Message, Severity Severity = Severity.Error)
{
    /// <summary>The place as one text: <c>tasks.train_model.needs[0]</c>.</summary>
    public string Path => string.Join('.', At).Replace(".[", "[", StringComparison.Ordinal);

    /// <summary>The place and the message.</summary>
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>Collects problems.</summary>
internal sealed class SpecProblems
{
    private readonly List<SpecProblem> _all = [];

    public IReadOnlyList<SpecProblem> All => _all;

    /// <summary>Enough for anybody: rules that look for similar names among thousands may stop.</summary>
    public bool IsHopeless => _all.Count >= 1000;

    public void Add(SpecProblem problem) => _all.Add(problem);

    public void Error(string message, params string[] at) => _all.Add(new SpecProblem(at, message));
}
