using System.Runtime.ExceptionServices;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>Disposes what was started, the last first, and all of it, whatever goes wrong with one.</summary>
internal sealed class CleanUp : IAsyncDisposable
{
    private readonly List<object> _parts = [];

    /// <summary>To be disposed.</summary>
    public T Add<T>(T part) where T : class
    {
        _parts.Add(part);
        return part;
    }

    /// <inheritdoc/>
    /// <remarks>Throws the first failure, when all have been disposed.</remarks>
    public async ValueTask DisposeAsync()
    {
        var first = default(Exception);
        for (var i = _parts.Count - 1; i >= 0; i--)
        {
            try
            {
                if (_parts[i] is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
                else (_parts[i] as IDisposable)?.Dispose();
            }
            catch (Exception failure)
            {
                first ??= failure;
            }
        }

        if (first is not null) ExceptionDispatchInfo.Throw(first);
    }
}
