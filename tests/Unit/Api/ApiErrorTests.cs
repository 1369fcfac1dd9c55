using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Validation;
using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Unit.Api.Fakes;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>What callers see of what goes wrong: a reason, and no more than a client's headers hold.</summary>
public sealed class ApiErrorTests
{
    [Theory]
    [InlineData(StoreFailure.Unavailable, "STORE_UNAVAILABLE", 0)]
    [InlineData(StoreFailure.Contention, "STORE_UNAVAILABLE", 0)]
    [InlineData(StoreFailure.OutcomeUnknown, "STORE_UNAVAILABLE", 0)]
    [InlineData(StoreFailure.Fenced, "HOST_NOT_IN_CHARGE", 0)]
    [InlineData(StoreFailure.Rejected, "INTERNAL", 1)]
    [InlineData(StoreFailure.UniqueViolation, "INTERNAL", 1)]
    public async Task AFailureOfTheStore_IsADefect_UnlessItPassesByItself(StoreFailure failure, string reason, int incidents)
    {
        var store = new InMemoryStore();
        await using var host = await ApiHost.StartAsync(store, change: parts => parts with
        {
            Queries = Intercept.Of<IQueries>(store, (_, _) => throw new StoreException(failure, "the statement was refused")),
        });
        // once: what may pass is repeated by clients
        var error = await Should.ThrowAsync<RpcException>(host.CallAsync(PoolMethods.List, new ListPoolsRequest()));
        error.Detail<ErrorInfo>()!.Reason.ShouldBe(reason);
        error.Message.ShouldNotContain("statement");
        host.Incidents.Count.ShouldBe(incidents);
    }

    [Fact]
    public async Task ADagWithAThousandErrors_IsRefusedInAFewKilobytes()
    {
        await using var host = await ApiHost.StartAsync(new InMemoryStore());
        var yaml = new StringBuilder("dag: etl\ntasks:\n");
        for (var i = 0; i < 1000; i++) yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"  task-{i}: {{ noop: {{}}, nonsense-{new string('x', 100)}: 1 }}\n");
        var source = new DagSource { Yaml = ByteString.CopyFromUtf8(yaml.ToString()), Path = "/home/" + new string('p', 4000) };
        var error = await Should.ThrowAsync<RpcException>(host.CallAsync(DagMethods.Apply, new ApplyDagRequest { Source = source }));
        error.Code.ShouldBe(RpcCode.InvalidArgument);
        error.Message.ShouldContain("ValidateDag");
        error.Details.Sum(detail => detail.CalculateSize()).ShouldBeLessThan(4608);
        var told = error.Detail<InvalidDag>()!.Report.Problems;
        told.Count.ShouldBeInRange(3, 50);
        var all = (await host.CallAsync(DagMethods.Validate, new ValidateDagRequest { Source = source })).Problems;
        all.Count.ShouldBeGreaterThanOrEqualTo(1000);
        told[0].Line.ShouldBe(all[0].Line);
    }

    [Fact]
    public void VeryManyViolations_AreCounted_AndTheFirstAreTold()
    {
        var check = new RequestCheck();
        for (var i = 0; i < 10_000; i++) check.Add($"paths[{i}]", "MALFORMED", new string('x', 10_000));
        var error = Should.Throw<RpcException>(() => check.ThrowIfWrong());
        error.Details.Sum(detail => detail.CalculateSize()).ShouldBeLessThan(3000);
        var told = error.Detail<BadRequest>()!.FieldViolations;
        told[0].Field.ShouldBe("paths[0]");
        var inWords = error.Message.Split("paths[").Length - 1;
        inWords.ShouldBeInRange(1, told.Count);
        error.Message.ShouldContain($"and {10_000 - inWords} more");
        error.Detail<ErrorInfo>()!.Metadata["more_violations"].ShouldBe($"{10_000 - told.Count}");
    }

    [Theory]
    [InlineData("it is required", "The request is wrong: a: it is required; b: it is required.")]
    [InlineData("there is no 'x'.", "The request is wrong: a: there is no 'x'; b: there is no 'x'.")]
    [InlineData("there is no 'x'. Did you mean 'y'?", "The request is wrong: a: there is no 'x'. Did you mean 'y'?; b: there is no 'x'. Did you mean 'y'?")]
    public void ARefusal_IsOneSentence_HoweverItsPartsEnd(string problem, string message)
    {
        var check = new RequestCheck();
        check.Add("a", "INVALID", problem);
        check.Add("b", "INVALID", problem);

        check.Refusal(ErrorReason.InvalidRequest).Message.ShouldBe(message);
    }

    [Fact]
    public async Task AMaskOfManyWrongPaths_IsAnsweredWithAStatus()
    {
        await using var host = await ApiHost.StartAsync(new InMemoryStore());
        var request = new GetRunRequest { Name = "runs/manual-1", ReadMask = new FieldMask { Paths = { Enumerable.Repeat(new string('ü', 5000), 500) } } };
        var error = await Should.ThrowAsync<RpcException>(host.CallAsync(RunMethods.Get, request));
        (error.Code, error.Detail<ErrorInfo>()!.Reason).ShouldBe((RpcCode.InvalidArgument, "INVALID_REQUEST"));
    }
}
