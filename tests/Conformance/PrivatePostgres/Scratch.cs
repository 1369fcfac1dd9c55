using System.Threading.Channels;
using Npgsql;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;
using OrleansFlow.Tests.Conformance.Fixtures;

namespace OrleansFlow.Tests.Conformance.PrivatePostgres;

/// <summary>A data folder of one test, with the notices of the servers started in it; whatever still runs there at the end is stopped.</summary>
internal sealed class Scratch : IAsyncDisposable, IProgress<ServerNotice>
{
    private readonly Channel<ServerNotice> _notices = Channel.CreateUnbounded<ServerNotice>();
    private readonly Watchdog _watchdog;

    public Scratch()
    {
        Folder = DataFolder.Open(Path.Combine("/tmp", "of-private-" + Guid.NewGuid().ToString("N")[..8]));
        _watchdog = Watchdog.Guard(Folder);
    }

    public DataFolder Folder { get; }

    public List<ServerNotice> Told { get; } = [];

    public static PostgresOptions Options { get; } = new() { WatchEvery = TimeSpan.FromMilliseconds(20) };

    public async Task<PostgresServer> StartAsync(DataFolderLock locked, PostgresOptions? options = null, CancellationToken cancellationToken = default) =>
        await PostgresServer.StartAsync(locked, this, options ?? Options, cancellationToken);

    public int Pid => PostmasterProcess.Find(Folder.Postgres)?.Pid ?? throw new InvalidOperationException("no server runs");

    public bool Runs => PostmasterProcess.Find(Folder.Postgres) is not null;

    void IProgress<ServerNotice>.Report(ServerNotice value)
    {
        lock (Told) Told.Add(value);
        _notices.Writer.TryWrite(value);
    }

    /// <summary>Waits for the next notice of this state.</summary>
    public async Task<ServerNotice> NextAsync(ServerState state)
    {
        using var ceiling = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var notice = await _notices.Reader.ReadAsync(ceiling.Token);
            if (notice.State == state) return notice;
        }
    }

    public static async Task<string> AskAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        await Postmaster.StopAsync(Folder.Postgres, TimeSpan.FromSeconds(30), TimeProvider.System);
        _watchdog.Dispose();
    }
}
