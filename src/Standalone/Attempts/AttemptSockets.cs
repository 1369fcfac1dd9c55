using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Standalone.Attempts;

/// <summary>
/// A Unix socket for each attempt of a host, in a short folder that only its user can enter: the value of <c>FLOW_API</c> is
/// <c>unix:///folder/name.sock</c>, as gRPC names it. Dispose it after the attempts. Thread-safe.
/// </summary>
internal sealed class AttemptSockets : IAttemptEndpoints, IAsyncDisposable
{
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly SocketConnectionContextFactory _connections = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);
    private readonly BlockPool _memory = new();
    private readonly AttemptServer _server;

    private AttemptSockets(string folder, Func<string, Exception, string> incident, TimeProvider time)
    {
        (_folder, _time) = (folder, time);
        _server = new AttemptServer(incident, time);
    }

    /// <summary>Prepares the folder of a data folder, and clears away what a host before left there.</summary>
    /// <param name="dataFolder">The data folder, which this process has for itself.</param>
    /// <param name="incident">Writes a defect into the host's log and names the line.</param>
    /// <param name="time">Time.</param>
    /// <exception cref="IOException">The folder cannot be had; the message is for people.</exception>
    public static AttemptSockets Prepare(string dataFolder, Func<string, Exception, string> incident, TimeProvider time)
    {
        var folder = SocketFolder.For(dataFolder, Posix.EffectiveUser) + "-tasks";
        try
        {
            if (Posix.OwnerOf(folder) is null) Posix.CreateFolder(folder, Posix.OwnerOnly);
            // looked at after making it: in a shared /tmp somebody may have been faster
            if (Posix.OwnerOf(folder) is not { IsDirectory: true } owner || owner.Uid != Posix.EffectiveUser)
                throw new IOException($"{folder} belongs to somebody else; find out who made it, and remove it");
            if (owner.Mode != Posix.OwnerOnly) Posix.SetMode(folder, Posix.OwnerOnly);
            foreach (var left in Directory.EnumerateFiles(folder)) File.Delete(left);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }

        return new AttemptSockets(folder, incident, time);
    }

    /// <inheritdoc/>
    public IAttemptEndpoint Open(IAttemptDesk desk)
    {
        ArgumentNullException.ThrowIfNull(desk);
        var path = Path.Combine(_folder, desk.Plan.Uid.ToString("N")[..16] + ".sock");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            socket.Listen(AttemptSocket.Backlog);
            return new AttemptSocket(desk, socket, path, Wrap, _server, _time);
        }
        catch (Exception e) when (e is SocketException or ArgumentOutOfRangeException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new IOException($"the socket {path} cannot be opened: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _connections.Dispose();
        _memory.Dispose();
        try
        {
            Directory.Delete(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the next start clears it
        }
    }

    private ConnectionContext Wrap(Socket accepted)
    {
        var connection = _connections.Create(accepted);
        connection.Features.Set<IMemoryPoolFeature>(_memory);
        return connection;
    }
}
