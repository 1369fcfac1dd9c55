using OrleansFlow.Api.Logs;
using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Unit.Api.Fakes;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Logs as callers get them: a page of one attempt, or a stream of all.</summary>
public sealed class LogStreamTests : IAsyncLifetime
{
    private const string Name = "runs/manual-1";
    private static readonly TaskKey[] Tasks = [Sample.Task("a"), Sample.Task("b"), Sample.Task("c")];
    private ApiHost? _host;

    private ApiHost Host => _host!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(new InMemoryStore());

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task ATail_IsThatOfEveryLog()
    {
        await Host.CommitAsync(Sample.Running(Tasks));
        foreach (var task in Tasks) Host.Files.Log(First(task), Lines(task.Task.Value, 10));
        Texts(await StreamAsync(new StreamLogsRequest { Name = Name, Tail = 2 })).ShouldBe(["a8", "a9", "b8", "b9", "c8", "c9"]);
    }

    [Fact]
    public async Task ACursor_GoesOnWhereItWas_WithoutATail()
    {
        await Host.CommitAsync(Sample.Running(Tasks));
        foreach (var task in Tasks) Host.Files.Log(First(task), Lines(task.Task.Value, 3));
        var first = await StreamAsync(new StreamLogsRequest { Name = Name });
        Host.Files.Log(First(Tasks[0]), Lines("again", 3));
        Texts(await StreamAsync(new StreamLogsRequest { Name = Name, Tail = 1, Cursor = first[^1].Cursor })).ShouldBe(["again0", "again1", "again2"]);
    }

    [Fact]
    public async Task ALineThatIsBeingWritten_IsTold_WhenItIsWhole()
    {
        await Host.CommitAsync(Sample.Running(Tasks[0]));
        Host.Files.Log(First(Tasks[0]), "whole\nhal");
        var first = await StreamAsync(new StreamLogsRequest { Name = Name });
        Texts(first).ShouldBe(["whole"]);
        Host.Files.Log(First(Tasks[0]), "f, and now whole\n");
        Texts(await StreamAsync(new StreamLogsRequest { Name = Name, Cursor = first[^1].Cursor })).ShouldBe(["half, and now whole"]);
    }

    [Fact]
    public async Task AFollower_HearsEveryTask_ToTheEndOfTheRun()
    {
        await Host.CommitAsync(Sample.Running(Tasks[0], Tasks[1]));
        Host.Files.Log(First(Tasks[0]), Lines("a", 2));
        await using var stream = Host.Open(LogMethods.Stream, new StreamLogsRequest { Name = Name, Follow = true }).GetAsyncEnumerator();
        var texts = new List<string>();
        (await stream.MoveNextAsync()).ShouldBeTrue();
        texts.AddRange(Texts([stream.Current]));
        Host.Files.Log(First(Tasks[1]), Lines("b", 1) + "no line end");
        await Host.CommitAsync([.. Sample.Ended(Tasks[0]), .. Sample.Ended(Tasks[1]), Sample.End()]);
        while (await stream.MoveNextAsync()) texts.AddRange(Texts([stream.Current]));
        texts.ShouldBe(["a0", "a1", "b0", "no line end"]);
    }

    [Fact]
    public async Task OneThatWritesAndWrites_KeepsNobodyFromBeingHeard()
    {
        await Host.CommitAsync(Sample.Running(Tasks[0], Tasks[1]));
        Host.Files.Log(First(Tasks[0]), Lines(new string('x', 100), 5000));
        Host.Files.Log(First(Tasks[1]), Lines("b", 1));
        var heard = 0;
        await foreach (var message in Host.Open(LogMethods.Stream, new StreamLogsRequest { Name = Name, Follow = true }))
        {
            if (message.LogRecords[0].Text == "b0") break;
            heard += message.LogRecords.Count;
        }

        heard.ShouldBeLessThan(2000);
    }

    [Fact]
    public async Task TheCursor_StaysShort_HoweverManyElementsHaveEnded()
    {
        TaskKey[] elements = [.. Enumerable.Range(0, 1500).Select(i => Sample.Task("map", i))];
        await Host.CommitAsync(Sample.Running(elements));
        await Host.CommitAsync([.. elements.SelectMany(Sample.Ended), Sample.End()]);
        foreach (var element in elements) Host.Files.Log(First(element), "one line\n");
        var messages = await StreamAsync(new StreamLogsRequest { Name = Name, Follow = true });
        messages.Sum(message => message.LogRecords.Count).ShouldBe(1500);
        messages.Max(message => message.Cursor.Length).ShouldBeLessThan(100);
        (await StreamAsync(new StreamLogsRequest { Name = Name, Follow = true, Cursor = messages[749].Cursor })).Count.ShouldBe(750);
    }

    [Fact]
    public async Task ATokenOfAPage_WithANumberThatIsNone_IsRefused()
    {
        await Host.CommitAsync(Sample.Running(Tasks[0]));
        var request = new ListLogRecordsRequest { Parent = $"{Name}/tasks/a/attempts/1" };
        request.PageToken = OrleansFlow.Api.Paging.PageToken.Write(request, "99999999999", "0");
        var refused = await Should.ThrowAsync<OrleansFlow.Rpc.RpcException>(Host.CallAsync(LogMethods.List, request));
        refused.Code.ShouldBe(OrleansFlow.Rpc.RpcCode.InvalidArgument);
    }

    [Theory]
    [InlineData("0 1 2 3", "0-3")]
    [InlineData("3 1 2 0", "0-3")]
    [InlineData("0 2 4", "0 2 4")]
    [InlineData("0 2 4 3", "0 2-4")]
    [InlineData("-1 0", "-1-0")]
    public void ElementsSideBySide_AreOneStretch(string order, string stretches)
    {
        var finished = new FinishedAttempts();
        int[] indexes = [.. order.Split(' ').Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        foreach (var index in indexes) finished.Add(Sample.Task("t", index), 1);
        for (var i = -1; i < 6; i++) finished.EpochOf(Sample.Task("t", i)).ShouldBe(indexes.Contains(i) ? 1 : 0);
        finished.ToString().ShouldBe($"t: {stretches}");
    }

    [Fact]
    public void EveryOrderOfElementsAndAttempts_IsKept_AndReadAsTheSame()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var (finished, known) = (new FinishedAttempts(), new Dictionary<TaskKey, int>());
            for (var i = 0; i < 60; i++)
            {
                var (task, epoch) = (Sample.Task(random.Next(2) == 0 ? "a" : "b", random.Next(-1, 12)), random.Next(1, 4));
                finished.Add(task, epoch);
                known[task] = Math.Max(epoch, known.GetValueOrDefault(task));
            }

            using var bytes = new MemoryStream();
            using var writer = new BinaryWriter(bytes);
            finished.Write(writer);
            bytes.Position = 0;
            using var reader = new BinaryReader(bytes);
            var read = FinishedAttempts.Read(reader, source => source.ReadString());
            foreach (var id in (string[])["a", "b"])
                for (var i = -1; i < 13; i++)
                    read.EpochOf(Sample.Task(id, i)).ShouldBe(known.GetValueOrDefault(Sample.Task(id, i)));
        }
    }

    private Task<List<StreamLogsResponse>> StreamAsync(StreamLogsRequest request) => Host.ReadAsync(LogMethods.Stream, request);

    private static AttemptKey First(TaskKey task) => new(task, 1);

    private static string Lines(string word, int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"{word}{i}\n"));

    private static IEnumerable<string> Texts(IEnumerable<StreamLogsResponse> messages) =>
        messages.SelectMany(message => message.LogRecords).Select(record => record.Text);
}
