using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Which fields a caller gets.</summary>
public sealed class ReadMaskTests
{
    private const string All = """{ "name": "t", "state": "TASK_STATE_RUNNING", "mapItem": 1, "attempts": [ { "epoch": 1 } ] }""";

    [Theory]
    [InlineData("name", """{ "name": "r" }""")]
    [InlineData("tasks.state", """{ "tasks": [ { "state": "TASK_STATE_RUNNING" } ] }""")]
    [InlineData("tasks.attempts.epoch", """{ "tasks": [ { "attempts": [ { "epoch": 1 } ] } ] }""")]
    [InlineData("tasks,tasks.state", "{ \"tasks\": [ " + All + " ] }")]
    [InlineData("tasks.state,tasks", "{ \"tasks\": [ " + All + " ] }")]
    [InlineData("dag,*", "{ \"name\": \"r\", \"tasks\": [ " + All + " ] }")]
    public void WhatIsNotWanted_IsNotThere(string paths, string left)
    {
        var run = Run.Parser.ParseJson("{ \"name\": \"r\", \"tasks\": [ " + All + " ] }");
        Read(paths.Split(','))?.Apply(run);
        run.ShouldBe(Run.Parser.ParseJson(left));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("name.more")]
    [InlineData("tasks.nothing")]
    [InlineData("tasks..state")]
    public void AnotherPath_IsRefused(string path) => Problem(path).ShouldContain("is no field of Run");

    [Theory]
    [InlineData(9)]
    [InlineData(40_000)]
    [InlineData(1_000_000)]
    public void APathThroughATypeThatHoldsItself_EndsSomewhere(int rounds)
    {
        var path = "tasks.map_item" + string.Concat(Enumerable.Repeat(".list_value.values", rounds));
        var problem = Problem(path);
        problem.ShouldContain("is no field of Run");
        problem.Length.ShouldBeLessThan(400);
    }

    private static string Problem(string path) => Should.Throw<RpcException>(() => Read(path)).Message;

    private static ReadMask? Read(params string[] paths)
    {
        var check = new RequestCheck();
        var mask = ReadMask.Read("read_mask", new FieldMask { Paths = { paths } }, Run.Descriptor, check);
        check.ThrowIfWrong();
        return mask;
    }
}
