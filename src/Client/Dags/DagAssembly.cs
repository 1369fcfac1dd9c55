using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Dags.Groups;
using OrleansFlow.Domain.Text;
using Place = System.Collections.Generic.IReadOnlyList<string>;

namespace OrleansFlow.Client.Dags;

/// <summary>Makes a specification of what was written, and says what is wrong with it.</summary>
internal sealed class DagAssembly(DagSpec head, Scope root) : INameProblems<Place>
{
    private readonly List<SpecProblem> _problems = [];
    private readonly List<GroupNode<Place>> _innermostFirst = [];
    private readonly List<GroupSpec> _groups = [];
    private readonly List<TaskNode<Place>> _nodes = [];
    private readonly List<TaskSpec> _tasks = [];

    public (DagSpec Spec, IReadOnlyList<SpecProblem> Problems) Run()
    {
        Walk(root, new GroupNode<Place>("", null), []);
        var names = NeedsResolver.Resolve(_innermostFirst, _nodes, this);
        var spec = head with
        {
            Groups = _groups,
            Tasks = [.. _tasks.Zip(names, (task, of) => task with { Needs = of.Needs, Inputs = of.Inputs })],
        };
        _problems.AddRange(DagValidator.Validate(spec));
        return (spec, _problems);
    }

    void INameProblems<Place>.Error(Place place, string message) => _problems.Add(new SpecProblem(place, message));

    string INameProblems<Place>.Hint(string word, IEnumerable<string> candidates) => DidYouMean.Hint(word, candidates);

    /// <summary>Of each group first its own tasks, then the groups within it, as in a DAG file.</summary>
    private void Walk(Scope scope, GroupNode<Place> node, IReadOnlyList<TaskBuilder> outer)
    {
        IReadOnlyList<TaskBuilder> levels = scope.Defaults is { } own ? [.. outer, own] : outer;
        foreach (var (id, task) in scope.Tasks) AddTask(node, id, [.. levels, task]);
        foreach (var (id, group) in scope.Groups)
        {
            var full = node.Qualify(id);
            Place place = ["groups", full, "needs"];
            _groups.Add(new GroupSpec { Id = full, Description = group.Scope.Description });
            var before = _tasks.Count;
            Walk(group.Scope, new GroupNode<Place>(full, node) { Needs = [.. group.Scope.Needs.Select(need => need with { Place = place })] }, levels);
            if (_tasks.Count == before) _problems.Add(new SpecProblem(["groups", full], "the group has no tasks: add one, or remove the group"));
        }

        _innermostFirst.Add(node);
    }

    private void AddTask(GroupNode<Place> group, string id, IReadOnlyList<TaskBuilder> levels)
    {
        var draft = new TaskDraft(group.Qualify(id));
        foreach (var level in levels) level.ApplyTo(draft);
        _problems.AddRange(draft.Problems());
        var full = draft.Spec.Id.Value;
        _tasks.Add(draft.Finish());
        _nodes.Add(new TaskNode<Place>(
            full,
            group,
            [.. draft.Needs.Select(need => new NeedName<Place>(need.Name, need.IsOptional, ["tasks", full, "needs"]))],
            [.. draft.Inputs.Select(input => new InputName<Place>(input.Key, input.Value, ["tasks", full, "inputs", input.Key]))]));
    }
}
