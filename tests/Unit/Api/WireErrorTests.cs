using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OrleansFlow.Api.Errors;
using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Unit.Api.Fakes;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Errors that no method has made, and how callers read them who speak JSON.</summary>
public sealed class WireErrorTests
{
    private const string Runs = "/orleansflow.v1.RunService/ListRuns";

    [Theory]
    [InlineData(RpcCode.InvalidArgument, "UNREADABLE_REQUEST")]
    [InlineData(RpcCode.Unimplemented, "UNSUPPORTED_CALL")]
    [InlineData(RpcCode.DeadlineExceeded, "DEADLINE_PASSED")]
    [InlineData(RpcCode.Unavailable, "HOST_NOT_IN_CHARGE")]
    [InlineData(RpcCode.Internal, "BROKEN_PROTOCOL")]
    public void AnErrorOfTheWire_IsGivenTheReasonOfItsCode_AndKeepsItsWords(RpcCode code, string reason)
    {
        var told = ErrorTeller.Tell(new RpcException(code, "words"), new RpcFailure(Runs, null, false));

        (told.Code, told.Message, told.Detail<ErrorInfo>()!.Reason).ShouldBe((code, "words", reason));
        (told.Detail<RetryInfo>() is not null).ShouldBe(code == RpcCode.Unavailable);
    }

    [Fact]
    public void AnErrorOfAMethod_StaysAsItIs()
    {
        var error = ApiError.PageToken();

        ErrorTeller.Tell(error, new RpcFailure(Runs, null, true)).ShouldBeSameAs(error);
    }

    [Theory]
    [InlineData(Runs, "{\"page_sise\": 1}", "invalid_argument", "UNREADABLE_REQUEST")]
    [InlineData(Runs, "no json", "invalid_argument", "UNREADABLE_REQUEST")]
    [InlineData("/orleansflow.v1.RunService/ListRuins", "{}", "unimplemented", "UNSUPPORTED_CALL")]
    public async Task WhatCannotBeReadOrIsNotThere_SaysWhy(string path, string body, string code, string reason)
    {
        await using var host = await ApiHost.StartAsync(new InMemoryStore());

        var error = await RefusedAsync(host, path, body);

        error["code"]!.GetValue<string>().ShouldBe(code);
        error["details"]![0]!["debug"]!["reason"]!.GetValue<string>().ShouldBe(reason);
    }

    [Fact]
    public async Task Fields_AreNamedAsTheCallerWritesThem()
    {
        await using var host = await ApiHost.StartAsync(new InMemoryStore());

        var error = await RefusedAsync(host, Runs, """{"pageSize": -1, "dag": "x y"}""");
        var binary = await Should.ThrowAsync<RpcException>(host.CallAsync(RunMethods.List, new ListRunsRequest { PageSize = -1 }));

        var violations = error["details"]!.AsArray().Single(detail => detail!["type"]!.GetValue<string>() == "google.rpc.BadRequest")!;
        violations["debug"]!["fieldViolations"]!.AsArray().Select(violation => violation!["field"]!.GetValue<string>())
            .ShouldBe(["pageSize", "dag"], ignoreOrder: true);
        BadRequest.Parser.ParseFrom(Convert.FromBase64String(Padded(violations["value"]!.GetValue<string>())))
            .FieldViolations.Select(violation => violation.Field).ShouldContain("pageSize");
        error["message"]!.GetValue<string>().ShouldContain("pageSize: ");
        error["message"]!.GetValue<string>().ShouldNotContain("page_size");
        binary.Detail<BadRequest>()!.FieldViolations.ShouldHaveSingleItem().Field.ShouldBe("page_size");
    }

    [Theory]
    [InlineData("run_id", "runId")]
    [InlineData("source.spec_json", "source.specJson")]
    [InlineData("params.my_rows", "params.my_rows")]
    [InlineData("params.my_rows[0].a_b", "params.my_rows[0].a_b")]
    [InlineData("param_texts.my_rows", "paramTexts.my_rows")]
    [InlineData("no_such_field.run_id", "no_such_field.run_id")]
    [InlineData("logical_date", "logicalDate")]
    [InlineData("", "")]
    public void WhatCallersNameThemselves_KeepsItsName(string path, string json) =>
        JsonFields.NameOf(path, TriggerRunRequest.Descriptor).ShouldBe(json);

    [Theory]
    [InlineData("task_instances[3]", "task_instances[3]")]
    [InlineData("states[0]", "states[0]")]
    [InlineData("created_since", "createdSince")]
    public void AnElement_KeepsItsPlace(string path, string json) => JsonFields.NameOf(path, ListRunsRequest.Descriptor).ShouldBe(json);

    private static async Task<JsonNode> RefusedAsync(ApiHost host, string path, string body)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Address + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("authorization", "Bearer " + ApiHost.Token("admin"));
        using var response = await client.SendAsync(request).WaitAsync(ApiHost.Ceiling);
        response.IsSuccessStatusCode.ShouldBeFalse();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static string Padded(string base64) => base64.PadRight((base64.Length + 3) / 4 * 4, '=');
}
