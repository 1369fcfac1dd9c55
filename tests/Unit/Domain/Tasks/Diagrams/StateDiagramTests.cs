using System.Text;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Tasks.Diagrams;

/// <summary>The diagrams of <c>docs/states.md</c> are what the machines do, and what they do is in the edge tables.</summary>
public class StateDiagramTests
{
    private const string Switch = "FLOW_UPDATE_DOCS";

    [Fact]
    public void EveryEdgeThatIsTaken_IsInTheTables()
    {
        var (tasks, attempts) = StateWalk.OfTasks();
        tasks.ShouldAllBe(edge => TaskEdges.IsLegal(edge.From, edge.To));
        attempts.ShouldAllBe(edge => TaskEdges.IsLegal(edge.From, edge.To));
    }

    [Fact]
    public void NoEdge_LeavesAFinishedState_ButAClear()
    {
        var (tasks, attempts) = StateWalk.OfTasks();
        tasks.Where(edge => edge.From.IsFinished()).ShouldAllBe(edge => edge.Cause == "clear" && edge.To == TaskState.None);
        attempts.ShouldAllBe(edge => !edge.From.IsFinished());
        foreach (var from in Enum.GetValues<AttemptState>().Where(state => state.IsFinished()))
            Enum.GetValues<AttemptState>().ShouldAllBe(to => !TaskEdges.IsLegal(from, to));
    }

    [Fact]
    public void PublishedDiagrams_AreWhatTheMachinesDo()
    {
        var page = PathOf("docs/states.md");
        var diagrams = Page();
        if (Environment.GetEnvironmentVariable(Switch) == "1") File.WriteAllText(page, diagrams);
        File.Exists(page).ShouldBeTrue($"{page} is missing: run this test with {Switch}=1");
        File.ReadAllText(page).ShouldBe(diagrams, $"the machines have changed: run this test with {Switch}=1, and look at what it changes");
    }

    private static string Page()
    {
        var (tasks, attempts) = StateWalk.OfTasks();
        var page = new StringBuilder();
        page.Append("# States\n\nMade by a test that offers every event to the machines in every state they can reach ");
        page.Append("(`tests/Unit/Domain/Tasks/Diagrams`);\n`FLOW_UPDATE_DOCS=1 ./flow test Unit --filter StateDiagram` writes it anew. ");
        page.Append("What the words mean is in [semantics.md](semantics.md).\n");
        Diagram(page, "A task instance", tasks, TaskState.None, state => state.IsFinished());
        Diagram(page, "An attempt", attempts, AttemptState.Dispatching, state => state.IsFinished());
        Diagram(page, "A run", StateWalk.OfRuns(), RunState.Queued, state => state.IsFinished());
        return page.ToString();
    }

    private static void Diagram<T>(StringBuilder page, string title, IReadOnlySet<Edge<T>> edges, T start, Func<T, bool> isFinished)
        where T : struct, Enum
    {
        page.Append($"\n## {title}\n\n```mermaid\nstateDiagram-v2\n    [*] --> {Names.Of(start)}\n");
        foreach (var edge in edges.GroupBy(edge => (edge.From, edge.To)).OrderBy(group => group.Key.From).ThenBy(group => group.Key.To))
        {
            var causes = edge.Select(each => each.Cause).Distinct().Order(StringComparer.Ordinal);
            page.Append($"    {Names.Of(edge.Key.From)} --> {Names.Of(edge.Key.To)}: {string.Join(", ", causes)}\n");
        }

        var reached = edges.SelectMany(edge => new[] { edge.From, edge.To }).ToHashSet();
        foreach (var end in Enum.GetValues<T>().Where(state => isFinished(state) && reached.Contains(state)))
            page.Append($"    {Names.Of(end)} --> [*]\n");
        page.Append("```\n");
        var unused = Enum.GetValues<T>().Where(state => !reached.Contains(state)).Select(Names.Of).Select(name => $"`{name}`").ToArray();
        if (unused.Length > 0) page.Append($"\nNo way leads to {string.Join(", ", unused)} yet.\n");
    }

    private static string PathOf(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OrleansFlow.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the tests do not run from inside a checkout");
        return Path.Combine(folder.FullName, relative);
    }
}
