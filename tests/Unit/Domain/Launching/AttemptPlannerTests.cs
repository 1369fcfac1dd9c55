using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Launching;

public class AttemptPlannerTests
{
    private static readonly DateTimeOffset Date = new(2024, 1, 5, 6, 7, 8, TimeSpan.Zero);
    private static readonly RunId RunId = new("manual-1");
    private static readonly Guid Uid = new(1, 2, 3, new byte[8]);
    private static readonly TaskSpec Train = new()
    {
        Id = new TaskId("train"),
        Needs = [new TaskId("fetch"), new TaskId("split")],
        Action = new CommandAction(["python3", "{{ params.script }}"], ["--rows", "{{ xcom.fetch.rows }}", "--try", "{{ attempt.epoch }}"]),
    };

    private static readonly Xcom[] Rows = [new(new TaskKey(RunId, new TaskId("fetch")), "rows", 1, "20000")];

    [Fact]
    public void EveryTemplate_IsRendered()
    {
        var plan = Planned(Train with
        {
            Env = new Dictionary<string, string> { ["OUT"] = "{{ ds_nodash }}.pkl", ["BUCKET"] = "own" },
            WorkingDir = "steps/{{ task.id }}",
            Connections = ["credit_db"],
            Outputs = ["model.pkl"],
        });
        plan.Command.ShouldBe(["python3", "train.py", "--rows", "20000", "--try", "2"]);
        plan.Script.ShouldBeNull();
        plan.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")
            .ShouldBe(["BUCKET=own", "DAG=credit", "OUT=20240105.pkl"]);
        plan.WorkingDirectory.ShouldBe("/dags/steps/train");
        (plan.Key.Epoch, plan.Uid, plan.Dag.Value, plan.LogicalDate).ShouldBe((2, Uid, "credit", Date));
        plan.Connections.ShouldBe(["credit_db"]);
        plan.RequiredOutputs.ShouldBe(["model.pkl"]);
    }

    [Fact]
    public void AScript_IsRendered_ForItsShell()
    {
        var plan = Planned(Train with { Action = new ScriptAction("echo {{ run.id }} ${HOME}", ScriptAction.DefaultShell) });
        plan.Command.ShouldBe(["bash", "-euo", "pipefail"]);
        plan.Script.ShouldBe("echo manual-1 ${HOME}");
    }

    [Fact]
    public void TheFilesFolder_IsTheWorkingDirectory_UnlessItSaysOtherwise()
    {
        Planned(Train).WorkingDirectory.ShouldBe("/dags");
        Planned(Train with { WorkingDir = "/data" }).WorkingDirectory.ShouldBe("/data");
        Planned(Train, sourceFile: null).WorkingDirectory.ShouldBeNull();
    }

    [Fact]
    public void AMissingXcom_IsNamed_WithTheFieldThatNeedsIt()
    {
        var (plan, problem) = Plan(Train, xcoms: []);
        plan.ShouldBeNull();
        problem.ShouldNotBeNull().ShouldStartWith("args: ");
        problem.ShouldContain("fetch");
        problem.ShouldContain("rows");
    }

    [Fact]
    public void Inputs_AreFoundByTaskAndName_AndOfAMappedTask_ByElement()
    {
        var spec = Train with
        {
            Inputs = new Dictionary<string, InputRef>
            {
                ["data"] = new(new TaskId("fetch"), "loans.csv"), ["parts"] = new(new TaskId("split"), "part.csv"),
            },
        };
        Artifact[] artifacts =
        [
            File("fetch", "loans.csv"), File("fetch", "other.csv"), File("split", "part.csv", 1), File("split", "part.csv", 0),
        ];
        var plan = Planned(spec, artifacts: artifacts);
        plan.Inputs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value.Uri}")
            .ShouldBe(["data=file:///fetch/-1/loans.csv", "parts/0=file:///split/0/part.csv", "parts/1=file:///split/1/part.csv"]);

        var (_, problem) = Plan(spec, artifacts: artifacts[1..]);
        problem.ShouldBe("inputs.data: task fetch has published no file 'loans.csv'");
    }

    [Fact]
    public void XcomsOfAMappedTask_AreAList_ByElement()
    {
        var spec = Train with { Action = new CommandAction(["echo", "{{ xcom.split.size | json }}"], []) };
        Xcom[] sizes = [.. new[] { 2, 0, 1 }.Select(i => new Xcom(new TaskKey(RunId, new TaskId("split"), i), "size", 1, $"{i * 10}"))];
        Planned(spec, xcoms: sizes).Command[1].ShouldBe("[0,10,20]");
    }

    [Fact]
    public void AnElement_KnowsItsItem()
    {
        var spec = Train with
        {
            Map = new ListMap(new JsonArray("a", "b"), "file"), Action = new CommandAction(["cat", "{{ map.file }}", "{{ map.index }}"], []),
        };
        var (plan, problem) = Plan(spec, task => task with { Key = task.Key with { MapIndex = 1 }, MapItem = "\"b\"" });
        problem.ShouldBeNull();
        plan.ShouldNotBeNull().Command.ShouldBe(["cat", "b", "1"]);
        plan.MapItem.ShouldBe("\"b\"");
    }

    [Fact]
    public void Needs_NameWhatHasToBeLoaded_AndNoMore()
    {
        var graph = Graph(Train with
        {
            Env = new Dictionary<string, string> { ["S"] = "{{ xcom.split.size }}" },
            Inputs = new Dictionary<string, InputRef> { ["a"] = new(new TaskId("fetch"), "a"), ["b"] = new(new TaskId("fetch"), "b") },
        });
        var needs = AttemptPlanner.Needs(graph, 2);
        needs.Xcoms.Select(xcom => xcom.ToString()).Order(StringComparer.Ordinal).ShouldBe(["xcom.fetch.rows", "xcom.split.size"]);
        needs.ArtifactTasks.ShouldBe([new TaskId("fetch")]);
        AttemptPlanner.Needs(graph, 0).ShouldSatisfyAllConditions(
            none => none.Xcoms.ShouldBeEmpty(), none => none.ArtifactTasks.ShouldBeEmpty());
    }

    [Theory]
    [InlineData(AttemptPlanner.MaxWordBytes - 2, true)]
    [InlineData(AttemptPlanner.MaxWordBytes - 1, false)]
    public void AWord_ThatTheSystemCannotTake_IsAProblem_ThatNamesTheXcom(int length, bool fits)
    {
        Xcom[] xcoms = [new(new TaskKey(RunId, new TaskId("fetch")), "rows", 1, $"\"{new string('x', length)}\"")];
        var (variable, problem) = Plan(Train with
        {
            Action = new CommandAction(["true"], []),
            Env = new Dictionary<string, string> { ["A"] = "{{ xcom.fetch.rows }}" },
        }, xcoms: xcoms);
        (variable is not null).ShouldBe(fits);
        if (!fits) problem.ShouldNotBeNull().ShouldStartWith("env.A: with xcom.fetch.rows it is 131,072 bytes long");

        var (_, word) = Plan(Train with { Action = new CommandAction(["echo", "1{{ xcom.fetch.rows }}!"], []) }, xcoms: xcoms);
        (word is null).ShouldBe(fits);
        var (script, _) = Plan(Train with { Action = new ScriptAction("echo {{ xcom.fetch.rows }}", ScriptAction.DefaultShell) }, xcoms: xcoms);
        script.ShouldNotBeNull("a script is a file").Script.ShouldNotBeNull().Length.ShouldBe(length + 5);
    }

    [Fact]
    public void ANoop_HasNoCommand_AndACheckpointIsPassedOn()
    {
        var saved = new Checkpoint(new TaskKey(RunId, Train.Id), 1, 7, "file:///c");
        var (plan, _) = Plan(Train with { Action = new NoopAction() }, checkpoint: saved);
        plan.ShouldNotBeNull().Command.ShouldBeEmpty();
        plan.Checkpoint.ShouldBe(saved);
    }

    private static Artifact File(string task, string name, int index = TaskKey.NotMapped) =>
        new(new TaskKey(RunId, new TaskId(task), index), name, 1, 3, "ab", $"file:///{task}/{index}/{name}");

    private static DagGraph Graph(TaskSpec spec)
    {
        var up = new[] { "fetch", "split" }.Select(id => new TaskSpec { Id = new TaskId(id), Action = new NoopAction() });
        var dag = new DagSpec
        {
            Id = new DagId("credit"),
            Params = new Dictionary<string, JsonObject> { ["script"] = [] },
            Env = new Dictionary<string, string> { ["BUCKET"] = "{{ params.unused }}", ["DAG"] = "{{ dag.id }}" },
            Tasks = [.. up, spec],
        };
        return new DagGraph(dag with { Env = spec.Env.ContainsKey("BUCKET") ? dag.Env : new Dictionary<string, string>() }, [1, 1, 1]);
    }

    private static AttemptPlan Planned(TaskSpec spec, Xcom[]? xcoms = null, Artifact[]? artifacts = null, string? sourceFile = "/dags/dag.yaml")
    {
        var (plan, problem) = Plan(spec, xcoms: xcoms, artifacts: artifacts, sourceFile: sourceFile);
        problem.ShouldBeNull();
        return plan.ShouldNotBeNull();
    }

    private static (AttemptPlan? Plan, string? Problem) Plan(
        TaskSpec spec, Func<TaskInstance, TaskInstance>? change = null, Xcom[]? xcoms = null, Artifact[]? artifacts = null,
        Checkpoint? checkpoint = null, string? sourceFile = "/dags/dag.yaml")
    {
        var task = (change ?? (same => same))(new TaskInstance { Key = new TaskKey(RunId, spec.Id), Epoch = 2 });
        var run = new DagRun
        {
            Id = RunId, Dag = new DagId("credit"), VersionHash = "h", Kind = RunKind.Manual, LogicalDate = Date, DataIntervalStart = Date,
            DataIntervalEnd = Date, Params = """{"script":"train.py"}""", SourceFile = sourceFile, CreatedAt = Date,
        };
        var attempt = new Attempt { Key = new AttemptKey(task.Key, 2), Uid = Uid, CreatedAt = Date };
        return AttemptPlanner.Plan(Graph(spec), run, task, attempt, xcoms ?? Rows, artifacts ?? [], checkpoint);
    }
}
