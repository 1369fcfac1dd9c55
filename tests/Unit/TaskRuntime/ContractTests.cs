using OrleansFlow.Domain.Identifiers;
using OrleansFlow.TaskRuntime.Contract;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Tests.Unit.TaskRuntime;

public sealed class ContractTests
{
    private static readonly AttemptKey Plain = new(new TaskKey(new RunId("manual-1"), new TaskId("train")), 2);
    private static readonly AttemptKey Mapped = new(new TaskKey(new RunId("manual-1"), new TaskId("train"), 0), 2);
    private static readonly DagId Dag = new("credit");

    [Theory]
    [InlineData("credit-db", "FLOW_CONN_CREDIT_DB")]
    [InlineData("a.b9", "FLOW_CONN_A_B9")]
    public void Connection_HasAVariable(string connection, string variable) =>
        TaskEnvironment.ConnectionVariable(connection).ShouldBe(variable);

    [Fact]
    public void Moments_AreIso8601InUtc()
    {
        var moment = new DateTimeOffset(2024, 1, 1, 2, 0, 0, TimeSpan.FromHours(2));
        TaskEnvironment.Iso(moment).ShouldBe("2024-01-01T00:00:00Z");
        TaskEnvironment.Iso(moment.AddMilliseconds(120)).ShouldBe("2024-01-01T00:00:00.12Z");
    }

    [Fact]
    public void Places_OfAttempts_DoNotMeet()
    {
        AttemptPaths.Outputs(Dag, Plain).ShouldBe("credit/manual-1/train/_attempts/2");
        AttemptPaths.Outputs(Dag, Mapped).ShouldBe("credit/manual-1/train/0/_attempts/2");
        AttemptPaths.Checkpoint(Dag, Plain, 9).ShouldBe("credit/manual-1/train/_checkpoints/2-9");
        AttemptPaths.Log(Dag, Plain).ShouldBe("dag_id=credit/run_id=manual-1/task_id=train/attempt=2.log");
        AttemptPaths.Log(Dag, Mapped).ShouldBe("dag_id=credit/run_id=manual-1/task_id=train/map_index=0/attempt=2.log");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/b c/..d")]
    public void PlainName_StaysInItsFolder(string name) => SafePath.Combine("/f", name).ShouldBe("/f/" + name);

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../x")]
    [InlineData("a/../x")]
    [InlineData("a//x")]
    [InlineData("a/./x")]
    [InlineData("a/")]
    [InlineData("a\0b")]
    public void NameThatCouldLeaveItsFolder_IsRefused(string name) => Should.Throw<ArgumentException>(() => SafePath.Combine("/f", name));
}
