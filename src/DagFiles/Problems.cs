using OrleansFlow.DagFiles.Yaml;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Dags.Groups;
using OrleansFlow.Domain.Text;

namespace OrleansFlow.DagFiles;

/// <summary>
/// Collects what is wrong with one file. What <c>defaults</c> say is read once for every task that inherits it, so the same
/// problem at the same place is kept once.
/// </summary>
internal sealed class Problems(string file) : INameProblems<YamlNode>
{
    /// <summary>Nobody reads more; the rest is counted.</summary>
    public const int MostReported = 1000;

    /// <summary>Looking for similar names among thousands is slow: a file that is wrong everywhere gets hints only at first.</summary>
    private const int MostHints = 200;

    private readonly List<FileProblem> _found = [];
    private readonly HashSet<(int Line, int Column, string Message)> _seen = [];
    private int _hints;

    /// <summary>How many errors there are, those that are not listed included.</summary>
    public int Errors { get; private set; }

    public void Error(YamlNode at, string message) => Error(at.Line, at.Column, at.Path, message);

    public void Error(int line, int column, string path, string message) =>
        Add(new FileProblem(file, line, column, path, message));

    public void Warn(YamlNode at, string message) =>
        Add(new FileProblem(file, at.Line, at.Column, at.Path, message, Severity.Warning));

    /// <summary>What the domain found, at the place where it was written.</summary>
    public void Add(YamlNode at, SpecProblem problem) =>
        Add(new FileProblem(file, at.Line, at.Column, at.Path, problem.Message, problem.Severity));

    /// <summary><c>" Did you mean 'x'?"</c> or the empty string.</summary>
    public string Hint(string word, IEnumerable<string> candidates) =>
        _hints++ < MostHints ? DidYouMean.Hint(word, candidates) : "";

    /// <summary>Everything found, in the order of the file.</summary>
    public IReadOnlyList<FileProblem> InOrder()
    {
        var ordered = _found.OrderBy(p => p.Line).ThenBy(p => p.Column).ThenBy(p => p.Message, StringComparer.Ordinal).ToList();
        if (_seen.Count > _found.Count)
            ordered.Add(new FileProblem(file, 1, 1, "", $"there are {_seen.Count - _found.Count} more problems; fix these first"));
        return ordered;
    }

    private void Add(FileProblem problem)
    {
        if (!_seen.Add((problem.Line, problem.Column, problem.Message))) return;
        if (problem.Severity == Severity.Error) Errors++;
        if (_found.Count < MostReported) _found.Add(problem);
    }
}
