using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Unit.Api.Fakes;
using Data = OrleansFlow.Domain.Data;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Pages are bounded by what they cost, and together they are everything.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task XcomsThatAreLarge_ComeOnMorePages()
    {
        await using var host = await ApiHost.StartAsync(new InMemoryStore());
        var value = $"\"{new string('x', 48_000)}\"";
        await host.CommitAsync(
            [.. Sample.Running(Sample.Task("a")), .. Enumerable.Range(0, 60).Select(i => new PutXcom(new Data.Xcom(Sample.Task("a"), $"key-{i}", 1, value)))]);
        var (request, keys, pages) = (new ListXcomsRequest { Parent = "runs/manual-1" }, new List<string>(), 0);
        do
        {
            var page = await host.CallAsync(TaskMethods.ListXcoms, request);
            page.CalculateSize().ShouldBeLessThan(1_200_000);
            keys.AddRange(page.Xcoms.Select(xcom => xcom.Name));
            (request.PageToken, pages) = (page.NextPageToken, pages + 1);
        }
        while (request.PageToken.Length > 0);

        pages.ShouldBe(3);
        keys.Distinct().Count().ShouldBe(60);
    }

    [Fact]
    public async Task ARunOfMoreBytesThanClientsTake_IsTooLarge_UnlessItIsMasked()
    {
        await using var host = await ApiHost.StartAsync(new InMemoryStore());
        var tasks = Enumerable.Range(0, 300).Select(i => Sample.Task("task", i)).ToArray();
        var evidence = $$"""{"said":"{{new string('x', 20_000)}}"}""";
        await host.CommitAsync(
            [.. Sample.Running(tasks).Select(row => row is PutAttempt put ? new PutAttempt(put.Row with { Evidence = evidence }) : row)]);

        var error = await Should.ThrowAsync<RpcException>(host.CallAsync(RunMethods.Get, new GetRunRequest { Name = "runs/manual-1" }));
        var masked = await host.CallAsync(
            RunMethods.Get, new GetRunRequest { Name = "runs/manual-1", ReadMask = new FieldMask { Paths = { "name", "tasks.name", "tasks.state" } } });

        (error.Code, error.Detail<ErrorInfo>()!.Reason).ShouldBe((RpcCode.FailedPrecondition, "RUN_TOO_LARGE"));
        error.Detail<ErrorInfo>()!.Metadata["tasks"].ShouldBe("300");
        masked.Tasks.Count.ShouldBe(300);
    }

    [Fact]
    public async Task AFilterThatFitsNone_IsAnsweredAtOnce()
    {
        var (store, reads) = (new InMemoryStore(), 0);
        await using var host = await ApiHost.StartAsync(store, change: parts => parts with
        {
            Pages = Intercept.Of<IPagedQueries>(store, (method, _) =>
            {
                if (method.Name == nameof(IPagedQueries.PageDagsAsync)) reads++;
                return null;
            }),
        });
        await host.CommitAsync([.. Enumerable.Range(0, 1200).Select(i => new PutDag(new DagHead { Id = new DagId($"dag-{i}") }, 0))]);
        var (request, found, pages) = (new ListDagsRequest { Owner = "nobody", PageSize = 1 }, 0, 0);
        do
        {
            var page = await host.CallAsync(DagMethods.List, request);
            found += page.Dags.Count;
            (request.PageToken, pages) = (page.NextPageToken, pages + 1);
        }
        while (request.PageToken.Length > 0);

        (found, pages, reads).ShouldBe((0, 1, 1));
        (await host.CallAsync(DagMethods.List, new ListDagsRequest { PageSize = 1000 })).Dags.Count.ShouldBe(1000);
    }
}
