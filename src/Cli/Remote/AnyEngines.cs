using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Servers;

namespace OrleansFlow.Cli.Remote;

/// <summary>The engine of the server that is named, else of the server of the data folder, else of this process.</summary>
/// <param name="own">That of this process.</param>
internal sealed class AnyEngines(IEngineAccess own) : IEngineAccess
{
    /// <inheritdoc/>
    public int SchemaVersion => own.SchemaVersion;

    /// <inheritdoc/>
    public async Task<IEngine> HostAsync(EngineOptions options, CancellationToken cancellation) =>
        FindServer(options) ?? await own.HostAsync(options, cancellation);

    /// <inheritdoc/>
    public IServerEngine? FindServer(EngineOptions options) => Find(options) is { } server ? new RemoteEngine(server, options) : null;

    /// <inheritdoc/>
    public async Task<IEngineReader> ReadAsync(EngineOptions options, CancellationToken cancellation) =>
        FindServer(options) ?? await own.ReadAsync(options, cancellation);

    /// <inheritdoc/>
    public Task MigrateAsync(EngineOptions options, CancellationToken cancellation) => own.MigrateAsync(options, cancellation);

    private static ServerAddress? Find(EngineOptions options) =>
        options.FindServer() ?? (options.ConnectionString is null ? LocalServer.Find(options.DataFolder, options.TokenFile) : null);
}
