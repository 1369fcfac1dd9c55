using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Unit.Fakes;

namespace OrleansFlow.Tests.Unit.Standalone;

public sealed class HousekeepingTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2024, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _file = Path.GetTempFileName();
    private readonly FakeTime _time = new(Start);
    private readonly HostJournal _journal;
    private readonly Store _store = new();
    private readonly CancellationTokenSource _stopping = new();

    public HousekeepingTests() => _journal = new HostJournal(_file, fenced: null, _time);

    public void Dispose()
    {
        _stopping.Dispose();
        _journal.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task Sweeps_ComeOnceAnHour_AfterAPauseThatChanceSpreads_AndAFailureIsToldAndTriedAgain()
    {
        _store.Failures.Enqueue(new IOException("the disk is away"));
        var running = Keeper(TimeSpan.FromDays(30)).RunAsync(_stopping.Token);
        await _time.TimerSetAsync();
        _time.Advance(TimeSpan.FromSeconds(59));
        _store.Calls.Reader.TryRead(out _).ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(1));
        (await _store.Calls.Reader.ReadAsync()).ShouldBe("artifacts older than 1.00:00:00");
        (await _store.Calls.Reader.ReadAsync()).ShouldBe("logs before 2024-01-31T00:01:00");
        (await _journal.NoticesAsync(default).FirstAsync()).ShouldBe("Old artifacts could not be removed: the disk is away It is tried again within an hour.");

        await _time.TimerSetAsync();
        _time.Advance(TimeSpan.FromHours(1));
        (await _store.Calls.Reader.ReadAsync()).ShouldBe("artifacts older than 1.00:00:00");
        (await _store.Calls.Reader.ReadAsync()).ShouldBe("logs before 2024-01-31T01:01:00");
        await _stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Logs_AreKeptForEver_WithoutARetention()
    {
        var running = Keeper(null).RunAsync(_stopping.Token);
        for (var round = 0; round < 2; round++)
        {
            await _time.TimerSetAsync();
            _time.Advance(TimeSpan.FromHours(1));
            (await _store.Calls.Reader.ReadAsync()).ShouldStartWith("artifacts");
        }

        await _stopping.CancelAsync();
        await running;
        _store.Calls.Reader.TryRead(out _).ShouldBeFalse();
    }

    private Housekeeping Keeper(TimeSpan? logRetention) => new(new InMemoryStore(), _store, _store, logRetention, _time, () => 0.5, _journal);

    private sealed class Store : IArtifactStore, ILogRetention
    {
        public Channel<string> Calls { get; } = Channel.CreateUnbounded<string>();

        public Queue<Exception> Failures { get; } = new();

        public Task<SweepReport> SweepAsync(
            TimeSpan age, Func<IReadOnlyList<StoredPrefix>, CancellationToken, Task<IReadOnlySet<StoredPrefix>>> referenced, CancellationToken cancellation)
        {
            Calls.Writer.TryWrite($"artifacts older than {age}");
            return Failures.TryDequeue(out var failure) ? Task.FromException<SweepReport>(failure) : Task.FromResult(new SweepReport(1, 2));
        }

        public Task<SweepReport> RemoveAsync(
            DateTimeOffset before, Func<IReadOnlyList<RunId>, CancellationToken, Task<IReadOnlySet<RunId>>> ended, CancellationToken cancellation)
        {
            Calls.Writer.TryWrite($"logs before {before:s}");
            return Task.FromResult(new SweepReport(0, 0));
        }

        public Task<Stream> OpenAsync(string uri, CancellationToken cancellation) => throw new NotSupportedException(uri);

        public Task<long> MeasureAsync(CancellationToken cancellation) => throw new NotSupportedException();
    }
}
