using System.Text.Json;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Running;

public class RunTests
{
    [Fact]
    public async Task Data_FlowFromTaskToTask_AndTheDocumentHasTheContractsNames()
    {
        await using var flow = new Installation();
        var file = flow.Dag("data.yaml", """
            dag: data
            params:
              who: { type: string, default: world }
            tasks:
              make:
                script: |
                  echo "hello {{ params.who }}"
                  mkdir $FLOW_OUTPUTS/deep
                  printf 'seven\n' > $FLOW_OUTPUTS/deep/a.txt
                  echo '{"n": 7, "text": "a b"}' > $FLOW_XCOM
                outputs: [deep/a.txt]
              use:
                inputs: { given: make/deep/a.txt }
                env: { N: "{{ xcom.make.n }}" }
                script: |
                  echo "$(cat $FLOW_INPUTS/given) is $N, {{ xcom.make.text | upper }}"
                  echo "on standard error" >&2
            """);

        var run = await flow.RunAsync(file, "-p", "who=you");

        run.Dag.ShouldBe("data");
        run.States.ShouldBe("make:success use:success");
        var attempt = run["make"].Attempts.ShouldHaveSingleItem();
        (attempt.Epoch, attempt.State, attempt.Cause, attempt.ExitCode, attempt.Backend).ShouldBe((1, "succeeded", null, 0, "local"));
        var artifact = run["make"].Artifacts.ShouldHaveSingleItem();
        (artifact.Name, artifact.Size).ShouldBe(("deep/a.txt", 6));
        var bytes = await File.ReadAllBytesAsync(artifact.Path);
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)).ShouldBe(artifact.Sha256);
        (await flow.OkAsync("logs", "data@latest", "make")).Out.ShouldContain("hello you\n");
        var used = (await flow.OkAsync("logs", run.Run, "use")).Out;
        used.ShouldContain("seven is 7, A B\n");
        used.ShouldContain("on standard error\n");
        (await flow.OkAsync("runs", "show", run.Run, "-o", "json")).Out.ShouldBe((await flow.OkAsync("runs", "show", "@latest", "-o", "json")).Out);
    }

    [Fact]
    public async Task AnXcomTooLargeForARow_IsReadLikeAnyOther_WhereTheSystemCanTakeIt()
    {
        await using var flow = new Installation();
        var file = flow.Dag("large.yaml", """
            dag: large
            tasks:
              make:
                script: |
                  head -c 300000 /dev/zero | tr '\0' x | sed 's/.*/{"big":"&", "small":"s", "list":["&"]}/' > $FLOW_XCOM
              script:
                needs: [make]
                script: |
                  cat > text <<'END'
                  {{ xcom.make.big }}{{ xcom.make.small }}
                  END
                  wc -c < text
              chosen: { needs: [make], when: "'y' not in xcom.make.list and xcom.make.small == 's'", command: ["true"] }
              spared: { needs: [make], when: "xcom.make.big == 'x'", command: ["true"] }
              variable: { needs: [make], env: { BIG: "{{ xcom.make.big }}" }, command: ["true"] }
            """);

        var run = await flow.RunAsync(file);

        run["make"].Artifacts.ShouldBeEmpty();
        (await flow.OkAsync("logs", run.Run, "script")).Out.ShouldContain("300002\n");
        (run["script"].State, run["chosen"].State, run["spared"].State).ShouldBe(("success", "success", "skipped"));
        (run["variable"].State, run["variable"].Reason).ShouldBe(("failed", "unresolved"));
        (await flow.OkAsync("why", run.Run, "variable")).Out.ShouldContain("env.BIG: with xcom.make.big it is 300,004 bytes long");
    }

    [Fact]
    public async Task NamesOfTheDocument_AreThoseOfTheContract_InOrder()
    {
        await using var flow = new Installation();
        var file = flow.Dag("names.yaml", """
            dag: names
            tasks:
              a: { script: "echo 1 > $FLOW_OUTPUTS/f" }
            """);

        using var document = JsonDocument.Parse((await flow.OkAsync("run", file, "-o", "json")).Out);

        var run = document.RootElement;
        var task = run.GetProperty("tasks")[0];
        Names(run).ShouldBe("dag run state detail logicalDate startedAt endedAt tasks");
        Names(task).ShouldBe("task mapIndex state reason retriesUsed infraRetriesUsed attempts artifacts progress");
        Names(task.GetProperty("attempts")[0]).ShouldBe("epoch state cause exitCode startedAt endedAt backend node evidence");
        Names(task.GetProperty("artifacts")[0]).ShouldBe("name size sha256 uri");
        run.GetProperty("run").GetString()!.ShouldMatch("^manual-[0-9]{8}T[0-9]{6}Z-[a-z0-9]{5}$");
    }

    private static string Names(JsonElement of) => string.Join(' ', of.EnumerateObject().Select(property => property.Name));
}
