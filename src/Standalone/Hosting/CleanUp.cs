namespace OrleansFlow.Standalone.Hosting;

/// <summary>Disposes what was started, the last first.</summary>
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
    public async ValueTask DisposeAsync()
    {
        for (var i = _parts.Count - 1; i >= 0; i--)
        {
            if (_parts[i] is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
            else (_parts[i] as IDisposable)?.Dispose();
        }
    }
}
