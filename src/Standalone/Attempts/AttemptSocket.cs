using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OrleansFlow.Api.Attempts;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Standalone.Attempts;

/// <summary>
/// The socket of one attempt. So many connections are served at a time and no more: others wait in the kernel until one of them ends.
/// </summary>
internal sealed class AttemptSocket : IAttemptEndpoint
{
    /// <summary>How many connections wait in the kernel.</summary>
    public const int Backlog = 16;

    private const int MaxConnections = 16;

    private readonly Lock _lock = new();
    private readonly HashSet<ConnectionContext> _open = [];
    private readonly SemaphoreSlim _places = new(MaxConnections);
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationToken _ended;
    private readonly Socket _socket;
    private readonly string _path;
    private readonly AttemptCaller _caller;
    private readonly AttemptServer _server;
    private readonly Func<Socket, ConnectionContext> _wrap;

    /// <param name="desk">Whose.</param>
    /// <param name="socket">It listens.</param>
    /// <param name="path">Where.</param>
    /// <param name="wrap">Makes a connection of what was accepted.</param>
    /// <param name="server">Answers.</param>
    /// <param name="time">Time.</param>
    public AttemptSocket(
        IAttemptDesk desk, Socket socket, string path, Func<Socket, ConnectionContext> wrap, AttemptServer server, TimeProvider time)
    {
        (_socket, _path, _wrap, _server) = (socket, path, wrap, server);
        _caller = new AttemptCaller(desk, time);
        _ended = _ending.Token;
        _ = AcceptAsync();
    }

    /// <inheritdoc/>
    public string Address => "unix://" + _path;

    /// <inheritdoc/>
    public void Dispose()
    {
        List<ConnectionContext> open;
        lock (_lock)
        {
            _ending.Cancel();
            open = [.. _open];
        }

        _socket.Dispose();
        File.Delete(_path);
        foreach (var connection in open) connection.Abort(new ConnectionAbortedException("the attempt has ended"));
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _places.WaitAsync(_ended);
                _ = ServeAsync(await _socket.AcceptAsync(_ended));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the attempt has ended
        }
    }

    private async Task ServeAsync(Socket accepted)
    {
        var connection = _wrap(accepted);
        connection.Features.Set(_caller);
        lock (_lock)
        {
            if (!_ended.IsCancellationRequested) _open.Add(connection);
            else connection.Abort(new ConnectionAbortedException("the attempt has ended"));
        }

        connection.ConnectionClosed.UnsafeRegister(_ => Leave(connection), null);
        var served = false;
        try
        {
            served = await _server.ServeAsync(connection);
        }
        finally
        {
            if (!served)
            {
                await connection.DisposeAsync();
                Leave(connection);
            }
        }
    }

    private void Leave(ConnectionContext connection)
    {
        lock (_lock)
            if (!_open.Remove(connection))
                return;
        _places.Release();
    }
}
