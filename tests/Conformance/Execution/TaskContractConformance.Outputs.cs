using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>Outputs, inputs and xcoms.</summary>
public abstract partial class TaskContractConformance
{
    [Fact]
    public async Task Outputs_AreStaged_WithSizeAndSha256()
    {
        var outputs = await Harness.SucceedAsync(BackendHarness.Shell(
            "cd $FLOW_OUTPUTS; printf model > model.bin; mkdir -p 'a b/ü'; printf '' > 'a b/ü/empty #1%.txt'; ln -s model.bin latest"));

        outputs.Files.Select(file => file.Name).ShouldBe(["a b/ü/empty #1%.txt", "latest", "model.bin"], ignoreOrder: true);
        var model = outputs.Files.Single(file => file.Name == "model.bin");
        model.Size.ShouldBe(5);
        model.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("model"u8)));
        (await Harness.ReadAsync(model)).ShouldBe("model");
        (await Harness.ReadAsync(outputs.Files.Single(file => file.Name == "latest"))).ShouldBe("model");
        (await Harness.ReadAsync(outputs.Files.Single(file => file.Size == 0))).ShouldBe("");
    }

    [Fact]
    public async Task FailedCommand_PublishesNothing()
    {
        var exit = await Harness.RunAsync(BackendHarness.Shell("echo half > $FLOW_OUTPUTS/model; echo '{\"a\":1}' > $FLOW_XCOM; exit 1"));
        exit.Outputs.ShouldBeNull();
        exit.OutputProblem.ShouldBeNull();
        (await Harness.Artifacts.MeasureAsync(CancellationToken.None)).ShouldBe(0);
    }

    [Theory]
    [InlineData("ln -s /etc/passwd $FLOW_OUTPUTS/x", "$FLOW_OUTPUTS/x is a symbolic link out of the folder (to /etc/passwd)")]
    [InlineData("ln -s ../.. $FLOW_OUTPUTS/x", "$FLOW_OUTPUTS/x is a symbolic link out of the folder")]
    [InlineData("mkdir $FLOW_OUTPUTS/d; ln -s /etc $FLOW_OUTPUTS/d/x", "$FLOW_OUTPUTS/d/x is a symbolic link out of the folder")]
    [InlineData("ln -s nowhere $FLOW_OUTPUTS/x", "$FLOW_OUTPUTS/x is a symbolic link to nowhere, which does not exist")]
    [InlineData("ln -s . $FLOW_OUTPUTS/x", "$FLOW_OUTPUTS/x is a symbolic link to a folder that holds it")]
    [InlineData("mkfifo $FLOW_OUTPUTS/x", "$FLOW_OUTPUTS/x is no regular file")]
    [InlineData("echo {} > $FLOW_OUTPUTS/_manifest.json", "this name is taken")]
    [InlineData("rmdir $FLOW_OUTPUTS", "$FLOW_OUTPUTS is gone")]
    [InlineData("rmdir $FLOW_OUTPUTS; ln -s /etc $FLOW_OUTPUTS", "$FLOW_OUTPUTS")]
    [InlineData("touch $FLOW_OUTPUTS/$(printf 'a\\377')", "not valid UTF-8")]
    public async Task OutputThatCannotBePublished_IsNamed_AndNothingIsStaged(string line, string expected)
    {
        var problem = await Harness.ProblemOfAsync(BackendHarness.Shell(line));
        problem.ShouldContain(expected);
        (await Harness.Artifacts.MeasureAsync(CancellationToken.None)).ShouldBe(0);
    }

    [Theory]
    [InlineData("mkdir -p a/b c; touch a/b/x c/y; chmod 0 a/b a; chmod 500 c")]
    [InlineData("n=$(printf 'a\\377'); mkdir -p $n/b; touch $n/b/x $n/$n")]
    public async Task FolderOfAnAttempt_IsRemoved_WhateverItsTaskMadeInIt(string line)
    {
        var plan = BackendHarness.Shell("pwd; " + line);
        await Harness.SucceedAsync(plan);
        await Harness.Backend.ReleaseAsync(plan.Key, plan.Uid, CancellationToken.None);
        Directory.Exists(Harness.Printed(plan).ShouldHaveSingleItem()).ShouldBeFalse();
    }

    [Fact]
    public async Task FolderOfAnAttempt_IsRemoved_ButNotWhatItsLinksLeadTo()
    {
        var elsewhere = Directory.CreateTempSubdirectory("flow-elsewhere-").FullName;
        await File.WriteAllTextAsync(Path.Combine(elsewhere, "stays"), "");
        var plan = BackendHarness.Shell($"pwd; ln -s {elsewhere} link; touch $(printf 'a\\377')");
        await Harness.SucceedAsync(plan);
        await Harness.Backend.ReleaseAsync(plan.Key, plan.Uid, CancellationToken.None);
        Directory.Exists(Harness.Printed(plan).ShouldHaveSingleItem()).ShouldBeFalse();
        File.Exists(Path.Combine(elsewhere, "stays")).ShouldBeTrue();
        Directory.Delete(elsewhere, recursive: true);
    }

    [Fact]
    public async Task RequiredOutputs_HaveToBeThere()
    {
        var plan = BackendHarness.Shell("echo 1 > $FLOW_OUTPUTS/metrics.json") with { RequiredOutputs = ["metrics.json", "model.bin", "d/x"] };
        var problem = await Harness.ProblemOfAsync(plan);
        problem.ShouldContain("did not write model.bin, d/x");
        problem.ShouldContain("there is metrics.json");
    }

    [Fact]
    public async Task Outputs_OfAProcessThatStaysBehind_CannotChangeAfterwards()
    {
        var plan = BackendHarness.Shell(
            "(trap '' TERM; exec 3>>$FLOW_OUTPUTS/x; touch begun; while :; do printf more >&3; sleep 0.01; done) & while [ ! -e begun ]; do sleep 0.01; done");
        var outputs = await Harness.SucceedAsync(plan);
        RunningProcesses.Of(plan.Uid).ShouldBeEmpty();
        var file = outputs.Files.ShouldHaveSingleItem();
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(await Harness.ReadAsync(file)))).ShouldBe(file.Sha256);
    }

    [Fact]
    public async Task Inputs_AreCopies_ThatATaskMayChange()
    {
        var made = BackendHarness.Shell("echo data > $FLOW_OUTPUTS/d.csv", task: "fetch");
        var file = (await Harness.SucceedAsync(made)).Files.ShouldHaveSingleItem();
        var input = new Artifact(made.Key.Task, file.Name, made.Key.Epoch, file.Size, file.Sha256, file.Uri);
        var plan = BackendHarness.Shell("cd $FLOW_INPUTS; cat fetch/d.csv; echo more >> fetch/d.csv && cat fetch/d.csv") with
        {
            Inputs = new Dictionary<string, Artifact> { ["fetch/d.csv"] = input },
        };
        await Harness.SucceedAsync(plan);
        Harness.Printed(plan).ShouldBe(["data", "data", "more"]);
        (await Harness.ReadAsync(file)).ShouldBe("data\n");
    }

    [Fact]
    public async Task InputThatIsGone_IsALaunchFailure_ThatSaysWhatToDo()
    {
        var made = BackendHarness.Shell("echo data > $FLOW_OUTPUTS/d.csv", task: "fetch");
        var file = (await Harness.SucceedAsync(made)).Files.ShouldHaveSingleItem();
        var input = new Artifact(made.Key.Task, file.Name, 1, file.Size, file.Sha256, file.Uri.Replace("d.csv", "gone.csv", StringComparison.Ordinal));
        var plan = BackendHarness.Shell("true") with { Inputs = new Dictionary<string, Artifact> { ["d.csv"] = input } };
        var failure = (await Should.ThrowAsync<LaunchException>(() => Backend.LaunchAsync(plan, CancellationToken.None))).Message;
        failure.ShouldContain("d.csv");
        failure.ShouldContain("Clear the task");
    }

    [Fact]
    public async Task Artifact_OfAnotherPlace_CannotBeOpened()
    {
        foreach (var uri in new[] { "file:///etc/passwd", "nonsense", "s3://bucket/key" })
            (await Should.ThrowAsync<ArtifactException>(() => Harness.Artifacts.OpenAsync(uri, CancellationToken.None))).Message.ShouldContain(uri);
    }

    [Fact]
    public async Task Xcoms_AreTheKeysOfTheFile_AsCompactJson()
    {
        var outputs = await Harness.SucceedAsync(BackendHarness.Shell("""printf '{ "rows": 20000, "by": {"x": [1, 2.50]}, "text": "ü\\u00fc" }' > $FLOW_XCOM"""));
        outputs.Xcoms["rows"].ShouldBe("20000");
        outputs.Xcoms["by"].ShouldBe("""{"x":[1,2.50]}""");
        outputs.Xcoms["text"].ShouldBe("\"üü\"");
        outputs.Xcoms.Count.ShouldBe(3);
        outputs.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task Xcoms_ThatAreTooLargeForARow_AreStaged_AndAreNoOutputs()
    {
        var outputs = await Harness.SucceedAsync(BackendHarness.Shell(
            """echo x > $FLOW_OUTPUTS/file; printf '{"fits":"%049150d", "b/../large":"%049151d", "a":  ["%060000d"]}' 0 0 7 > $FLOW_XCOM"""));
        outputs.Files.ShouldHaveSingleItem().Name.ShouldBe("file");
        outputs.Xcoms.Keys.ShouldBe(["fits"]);
        outputs.LargeXcoms.Keys.Order(StringComparer.Ordinal).ShouldBe(["a", "b/../large"]);
        outputs.LargeXcoms["b/../large"].Size.ShouldBe(49153);
        var value = await Harness.ReadAsync(outputs.LargeXcoms["a"]);
        value.ShouldBe($"[\"{7.ToString("D60000", System.Globalization.CultureInfo.InvariantCulture)}\"]");
        outputs.LargeXcoms["a"].Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value))));
    }

    [Theory]
    [InlineData("printf '{\"a\": 1' > $FLOW_XCOM", "not valid JSON at line 1")]
    [InlineData("printf '{\"a\":\\nNaN}' > $FLOW_XCOM", "not valid JSON at line 2")]
    [InlineData("echo '[1]' > $FLOW_XCOM", "a JSON array, not an object")]
    [InlineData("echo '{\"a\":1,\"a\":2}' > $FLOW_XCOM", "$FLOW_XCOM")]
    [InlineData("echo '{\"a\":\"\\u0000\"}' > $FLOW_XCOM", "u0000")]
    [InlineData("head -c 17000000 /dev/zero > $FLOW_XCOM", "$FLOW_XCOM holds 17,000,000 bytes, at most 16,777,216")]
    [InlineData("mkdir $FLOW_OUTPUTS/_xcom; echo x > $FLOW_OUTPUTS/_xcom/0.json", "$FLOW_OUTPUTS/_xcom/0.json: the name _xcom is taken")]
    [InlineData("mkdir $FLOW_XCOM", "$FLOW_XCOM is a folder")]
    [InlineData("mkfifo $FLOW_XCOM", "$FLOW_XCOM is no regular file")]
    [InlineData("ln -s /etc/passwd $FLOW_XCOM", "$FLOW_XCOM")]
    public async Task XcomFileThatIsNotAsItShouldBe_IsAProblem_ThatSaysWhere(string line, string expected) =>
        (await Harness.ProblemOfAsync(BackendHarness.Shell(line))).ShouldContain(expected);

    [Fact]
    public async Task ManyOutputs_AreAllThere()
    {
        var outputs = await Harness.SucceedAsync(BackendHarness.Shell("cd $FLOW_OUTPUTS; i=0; while [ $i -lt 150 ]; do echo $i > f$i; i=$((i+1)); done"));
        outputs.Files.Count.ShouldBe(150);
        foreach (var file in outputs.Files)
            file.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Name[1..] + "\n"))));
    }
}
