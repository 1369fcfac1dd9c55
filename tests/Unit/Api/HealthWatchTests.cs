using System.Threading.Channels;
using OrleansFlow.Api.Installations;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Tests.Unit.Api.Fakes;
using OrleansFlow.Tests.Unit.Fakes;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>The public health protocol says how the host is by now.</summary>
public sealed class HealthWatchTests
{
    private readonly FakeTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeInstallation _host = new();
    private readonly Channel<bool> _said = Channel.CreateUnbounded<bool>();

    [Fact]
    public async Task ADatabaseThatIsAway_IsNotServing_UntilItIsBack()
    {
        await using var watch = new HealthWatch(_host, said => _said.Writer.TryWrite(said), _time, CancellationToken.None);
        (await NextAsync()).ShouldBeTrue();
        _host.Store = () => PartState.NotServing;
        (await AfterALookAsync()).ShouldBeFalse();
        _host.Store = () => throw new InvalidOperationException("it cannot be looked at");
        (await AfterALookAsync()).ShouldBeFalse();
        _host.Store = () => PartState.Degraded;
        (await AfterALookAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task AHostThatWasTakenOver_IsNotServing_AtOnceAndForGood()
    {
        using var lost = new CancellationTokenSource();
        await using var watch = new HealthWatch(_host, said => _said.Writer.TryWrite(said), _time, lost.Token);
        (await NextAsync()).ShouldBeTrue();
        await _time.TimerSetAsync();
        await lost.CancelAsync();
        (await NextAsync()).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(1));
        _said.Reader.TryRead(out _).ShouldBeFalse();
    }

    private async Task<bool> AfterALookAsync()
    {
        await _time.TimerSetAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        return await NextAsync();
    }

    private Task<bool> NextAsync() => _said.Reader.ReadAsync().AsTask().WaitAsync(ApiHost.Ceiling, TimeProvider.System);
}
