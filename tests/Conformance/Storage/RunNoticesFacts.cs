using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Connections;
using OrleansFlow.Storage.Postgres.Notices;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.Storage;

public sealed class RunNoticesFacts : IAsyncLifetime
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(1);
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly CancellationTokenSource _stop = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgresUnderTest.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        for (var i = _owned.Count - 1; i >= 0; i--) await _owned[i].DisposeAsync();
        await _database.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task AHost_HearsWhatOthersTell_AndNothingOfItsOwn()
    {
        var (alpha, beta) = (Connect("alpha"), Connect("beta"));
        var heard = await ListenAsync(alpha);

        await alpha.TellAsync(ChangedRuns.Of([new RunId("own")]), CancellationToken.None);
        await beta.TellAsync(ChangedRuns.Of([new RunId("b"), new RunId("a")]), CancellationToken.None);
        await beta.TellAsync(ChangedRuns.All, CancellationToken.None);

        (await NextAsync(heard)).Runs.ShouldBe([new RunId("a"), new RunId("b")]);
        (await NextAsync(heard)).AreAll.ShouldBeTrue();
    }

    [Fact]
    public async Task ManyRuns_AreAllHeard()
    {
        var (alpha, beta) = (Connect("alpha"), Connect("beta"));
        var heard = await ListenAsync(alpha);
        var all = Enumerable.Range(0, 1000).Select(i => new RunId($"{i:D4}".PadRight(IdRules.MaxLength, 'x'))).ToList();

        await beta.TellAsync(ChangedRuns.Of(all), CancellationToken.None);

        var got = new List<RunId>();
        while (got.Count < all.Count) got.AddRange((await NextAsync(heard)).Runs);
        got.ShouldBe(all);
    }

    [Fact]
    public async Task AConnectionThatIsLost_IsAFailureOfTheStore_AndANewOneWorks()
    {
        var (alpha, beta) = (Connect("alpha"), Connect("beta"));
        var heard = Channel.CreateUnbounded<ChangedRuns>();
        var listening = alpha.ListenAsync(news => heard.Writer.TryWrite(news), _stop.Token);
        (await NextAsync(heard)).AreAll.ShouldBeTrue();
        await beta.TellAsync(ChangedRuns.Of([new RunId("a")]), CancellationToken.None);
        await NextAsync(heard);

        await Database.ExecuteAsync(
            _database.ConnectionString, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        await Should.ThrowAsync<StoreException>(listening.WaitAsync(Ceiling, TimeProvider.System));
        await Should.ThrowAsync<StoreException>(beta.TellAsync(ChangedRuns.Of([new RunId("lost")]), CancellationToken.None));
        var again = await ListenAsync(alpha);
        await beta.TellAsync(ChangedRuns.Of([new RunId("b")]), CancellationToken.None);
        (await NextAsync(again)).Runs.ShouldBe([new RunId("b")]);
    }

    // Listens, and returns when it does.
    private async Task<Channel<ChangedRuns>> ListenAsync(PostgresRunNotices host)
    {
        var heard = Channel.CreateUnbounded<ChangedRuns>();
        _ = host.ListenAsync(news => heard.Writer.TryWrite(news), _stop.Token);
        (await NextAsync(heard)).AreAll.ShouldBeTrue("what was told before is not known");
        return heard;
    }

    private static Task<ChangedRuns> NextAsync(Channel<ChangedRuns> heard) => heard.Reader.ReadAsync().AsTask().WaitAsync(Ceiling, TimeProvider.System);

    private PostgresRunNotices Connect(string id)
    {
        var connections = new PostgresConnections(_database.ConnectionString, $"{id}-{_database.Name}");
        var notices = new PostgresRunNotices(connections);
        _owned.AddRange([connections, notices]);
        return notices;
    }
}
