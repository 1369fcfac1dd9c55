using Orleans.Runtime;

namespace OrleansFlow.Silo.Membership;

/// <summary>What Orleans holds for the end of the silo, above all that others hold it for dead: the host ends in good order instead of at once.</summary>
/// <param name="end">Told why.</param>
internal sealed class FatalErrors(Action<string> end) : IFatalErrorHandler
{
    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) => exception is not ThreadAbortException;

    /// <inheritdoc/>
    public void OnFatalException(object? sender, string? context, Exception? exception) => end($"{context ?? "a defect of the silo"} {exception}".Trim());
}
