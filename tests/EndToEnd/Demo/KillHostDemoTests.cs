using System.Text.Json;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Demo;

public class KillHostDemoTests
{
    [PythonFact]
    public Task HostKilledInTheTraining_CostsOneAttempt_AndTheModelIsTheSameToTheByte() => SurvivesAsync("--kill-host");

    [PythonFact]
    public Task ServerKilledInTheTraining_CostsOneAttempt_AndItsClientGoesOn() => SurvivesAsync("--server");

    private static async Task SurvivesAsync(string option)
    {
        await using var flow = new Installation();
        var info = FlowProgram.Captured(FlowProgram.Script, ["demo", option]);
        info.Environment["FLOW_DATA_DIR"] = flow.Data;

        var outcome = await FlowProcess.Start(info).EndAsync(TimeSpan.FromMinutes(4));

        outcome.ExitCode.ShouldBe(0, outcome.Everything);
        using var list = JsonDocument.Parse((await flow.OkAsync("runs", "list", "--dag", "credit_default_pipeline", "-o", "json")).Out);
        var runs = list.RootElement.EnumerateArray().Select(run => run.GetProperty("run").GetString()!).ToList();
        runs.Count.ShouldBe(2);
        var disturbed = await flow.ShowAsync(runs[0]);
        var undisturbed = await flow.ShowAsync(runs[1]);

        (disturbed.State, undisturbed.State).ShouldBe(("success", "success"));
        disturbed["fetch_data"].Attempts.ShouldHaveSingleItem();
        var train = disturbed["train_model"];
        (train.Causes, train.RetriesUsed, train.InfraRetriesUsed, train.Committed).ShouldBe(("host_lost none", 0, 1, 1));
        undisturbed["train_model"].Attempts.ShouldHaveSingleItem();
        Model(disturbed).Sha256.ShouldBe(Model(undisturbed).Sha256);

        var metrics = JsonDocument.Parse(await File.ReadAllTextAsync(disturbed["evaluate_model"].Artifacts.Single(a => a.Name == "metrics.json").Path));
        foreach (var metric in new[] { "accuracy", "precision", "recall", "f1" })
            metrics.RootElement.GetProperty(metric).GetDouble().ShouldBeInRange(0.5, 1.0, metric);
    }

    private static ArtifactView Model(RunView run) => run["train_model"].Artifacts.Single(artifact => artifact.Name == "model.pkl");
}
