using System.Reflection;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>Makes gates.</summary>
internal static class Gate
{
    /// <summary>Puts a gate before a port.</summary>
    public static (TPort Port, Gate<TPort> Gate) Before<TPort>(TPort port, string method) where TPort : class
    {
        var proxy = DispatchProxy.Create<TPort, Gate<TPort>>();
        var gate = (Gate<TPort>)(object)proxy;
        gate.StandBefore(port, method);
        return (proxy, gate);
    }
}

/// <summary>Stands before a port: calls of the named methods wait while it is closed. Thread-safe.</summary>
/// <typeparam name="TPort">The port.</typeparam>
public class Gate<TPort> : DispatchProxy where TPort : class
{
    private TPort _port = null!;
    private string _method = "";
    private volatile TaskCompletionSource? _closed;
    private int _waiting;

    /// <summary>How many calls have had to wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The port behind the gate, and the calls that may have to wait.</summary>
    internal void StandBefore(TPort port, string method) => (_port, _method) = (port, method);

    /// <summary>From now on calls wait.</summary>
    public void Close() => _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Those that wait go on.</summary>
    public void Open()
    {
        var closed = _closed;
        _closed = null;
        closed?.TrySetResult();
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name != _method || _closed is not { } closed) return targetMethod.Invoke(_port, args);
        Interlocked.Increment(ref _waiting);
        return typeof(Gate<TPort>).GetMethod(nameof(WaitAsync), BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(targetMethod.ReturnType.GenericTypeArguments[0]).Invoke(this, [closed.Task, targetMethod, args]);
    }

    private async Task<T> WaitAsync<T>(Task open, MethodInfo method, object?[]? args)
    {
        await open;
        return await (Task<T>)method.Invoke(_port, args)!;
    }
}
