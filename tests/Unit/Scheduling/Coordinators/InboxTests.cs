using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Unit.Scheduling.Coordinators;

/// <summary>What becomes of messages whose callers do not wait for them.</summary>
public sealed class InboxTests
{
    [Fact]
    public async Task MessagesWhoseCallersGaveUp_DoNotPileUp_AndAreNotActedOn()
    {
        var coordinator = new Slow();
        var first = coordinator.GiveAsync("first", default);
        for (var i = 0; i < 1000; i++)
        {
            await GiveUpAsync(coordinator, $"again {i}");
            coordinator.Waiting.ShouldBe(1);
        }

        var last = coordinator.GiveAsync("last", default);
        coordinator.Go();
        await Task.WhenAll(first, last);

        coordinator.Acted.ShouldBe(["first", "last"]);
    }

    [Fact]
    public async Task WhatIsGivenUpWhileTheStateLoads_IsNotActedOn()
    {
        var coordinator = new Slow { IsSlowToLoad = true };
        await GiveUpAsync(coordinator, "first");
        var last = coordinator.GiveAsync("last", default);
        coordinator.Go();
        await last;

        coordinator.Acted.ShouldBe(["last"]);
    }

    private static async Task GiveUpAsync(Slow coordinator, string message)
    {
        using var patience = new CancellationTokenSource();
        var given = coordinator.GiveAsync(message, patience.Token);
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(given);
    }

    /// <summary>Waits with its first message until it is told to go on.</summary>
    private sealed class Slow() : Coordinator(s_services, RowKey.OfPool("slow"))
    {
        private static readonly SchedulingServices s_services = new()
        {
            Store = null!, Reader = null!, Peers = null!, Backend = null!, Artifacts = null!, WakeUps = null!, Catalog = null!, Observer = null!,
            Time = TimeProvider.System, NewGuid = Guid.NewGuid,
        };

        private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _loaded;

        public bool IsSlowToLoad { get; init; }

        public List<object> Acted { get; } = [];

        public override bool IsFinished => false;

        protected override bool IsLoaded => _loaded;

        public Task GiveAsync(string message, CancellationToken cancellation) => TellAsync(message, cancellation);

        public void Go() => _gone.SetResult();

        protected override async Task LoadAsync(CancellationToken cancellation)
        {
            if (IsSlowToLoad) await _gone.Task;
            _loaded = true;
        }

        protected override void Unload() => _loaded = false;

        protected override async Task ProcessAsync(IReadOnlyList<Envelope> messages, CancellationToken cancellation)
        {
            await _gone.Task;
            Acted.AddRange(messages.Select(message => message.Message));
        }
    }
}
