using OrleansFlow.Api.Watching;
using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Unit.Api.Fakes;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>The history of a run as callers get it, with a store that learns late what is settled.</summary>
public sealed class EventStreamTests : IAsyncLifetime
{
    private const string Name = "runs/manual-1";
    private readonly InMemoryStore _store = new();
    private int _reads;
    private ApiHost? _host;

    /// <summary>What the store says is settled; it is asked with the number of reads so far.</summary>
    private Func<int, long, long> _settled = (_, last) => last;

    private ApiHost Host => _host!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(_store, change: parts => parts with
    {
        Pages = Intercept.Of<IPagedQueries>(_store, (method, arguments) => method.Name == nameof(IPagedQueries.ReadHistoryAsync) ? ReadAsync(arguments) : null),
    });

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task WhatIsSettledOnTheSecondLook_IsListed()
    {
        await HappenAsync(3);
        _settled = (reads, last) => reads == 1 ? 0 : last;
        var listed = await ListAsync("");
        Kinds(listed.Events).ShouldBe(["event-0", "event-1", "event-2"]);
        listed.NextPageToken.ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatIsNotSettledForLong_IsOnTheNextPage()
    {
        await Host.CommitAsync([.. Sample.Running(), .. Sample.Events(3)]);
        var last = (await _store.ReadHistoryAsync(Sample.Run, null, 0, 10, default)).Entries[^1].Sequence;
        _settled = (_, _) => last - 1;
        var listed = await ListAsync("");
        Kinds(listed.Events).ShouldBe(["event-0", "event-1"]);
        _settled = (_, all) => all;
        Kinds((await ListAsync(listed.NextPageToken)).Events).ShouldBe(["event-2"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AWatcher_GetsEveryEventOnce_WhateverIsSettled(bool settles)
    {
        await HappenAsync(3500);
        _settled = (_, last) => settles ? last : 0;
        var messages = await Host.ReadAsync(RunMethods.WatchEvents, new WatchRunEventsRequest { Name = Name });
        Kinds(messages.SelectMany(message => message.Events)).ShouldBe(Enumerable.Range(0, 3500).Select(i => $"event-{i}"));
        (await Host.ReadAsync(RunMethods.WatchEvents, new WatchRunEventsRequest { Name = Name, Cursor = messages[^1].Cursor })).ShouldBeEmpty();
        var rest = await Host.ReadAsync(RunMethods.WatchEvents, new WatchRunEventsRequest { Name = Name, Cursor = messages[1].Cursor });
        rest.Sum(message => message.Events.Count).ShouldBe(3500 - messages.Take(2).Sum(message => message.Events.Count));
    }

    [Fact]
    public async Task ThoseWhoHaveCaughtUp_ShareWhatIsRead()
    {
        const int Watchers = 200;
        await Host.CommitAsync([.. Sample.Running(), .. Sample.Events(3)]);
        using var caughtUp = new CountdownEvent(Watchers);
        var watching = Enumerable.Range(0, Watchers).Select(_ => WatchAsync(caughtUp)).ToArray();
        await Task.Run(() => caughtUp.Wait(ApiHost.Ceiling).ShouldBeTrue());
        var before = _reads;

        await Host.CommitAsync(Sample.Events(1));
        await Host.CommitAsync(Sample.End());

        foreach (var kinds in await Task.WhenAll(watching).WaitAsync(ApiHost.Ceiling)) kinds.ShouldBe(["event-0", "event-1", "event-2", "event-0"]);
        (_reads - before).ShouldBeLessThan(Watchers);
    }

    [Fact]
    public async Task FromNow_IsFromNow_HoweverMuchIsNotSettled()
    {
        await HappenAsync(2500);
        _settled = (_, _) => 0;
        var messages = await Host.ReadAsync(RunMethods.WatchEvents, new WatchRunEventsRequest { Name = Name, FromNow = true });
        messages.ShouldHaveSingleItem().Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task AForgedCursor_LoadsNoMoreThanPages()
    {
        await HappenAsync(3500);
        var forged = new EventCursor(0, [.. Enumerable.Range(1, 9_000).Select(i => 1_000_000L + i)]).Write(Sample.Run);
        var messages = await Host.ReadAsync(RunMethods.WatchEvents, new WatchRunEventsRequest { Name = Name, Cursor = forged });
        messages.Max(message => message.Events.Count).ShouldBeLessThanOrEqualTo(1000);
        var endless = new EventCursor(0, [.. Enumerable.Range(1, 20_000).Select(i => (long)i)]).Write(Sample.Run);
        (await Should.ThrowAsync<RpcException>(Host.ReadAsync(RunMethods.WatchEvents, new WatchRunEventsRequest { Name = Name, Cursor = endless })))
            .Code.ShouldBe(RpcCode.InvalidArgument);
    }

    private async Task<List<string>> WatchAsync(CountdownEvent caughtUp)
    {
        var kinds = new List<string>();
        await foreach (var message in Host.Open(RunMethods.WatchEvents, new WatchRunEventsRequest { Name = Name }))
        {
            if (kinds.Count == 0) caughtUp.Signal();
            kinds.AddRange(Kinds(message.Events));
        }

        return kinds;
    }

    private async Task HappenAsync(int events)
    {
        await Host.CommitAsync([.. Sample.Running(), .. Sample.Events(events)]);
        await Host.CommitAsync(Sample.End());
    }

    private async Task<HistoryPage> ReadAsync(object?[] arguments)
    {
        var page = await _store.ReadHistoryAsync(Sample.Run, null, (long)arguments[2]!, (int)arguments[3]!, default);
        return page with { SettledTo = _settled(Interlocked.Increment(ref _reads), page.SettledTo) };
    }

    private Task<ListRunEventsResponse> ListAsync(string token) =>
        Host.CallAsync(RunMethods.ListEvents, new ListRunEventsRequest { Parent = Name, PageToken = token });

    private static IEnumerable<string> Kinds(IEnumerable<HistoryEvent> events) => events.Select(entry => entry.Kind);
}
