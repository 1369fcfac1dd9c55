namespace OrleansFlow.Scheduling.Peers;

/// <summary>
/// A peer did not answer in time: its host is gone and nobody has taken it up yet, or it waits for the store. It may have acted or not; the
/// same message may be sent again.
/// </summary>
public sealed class PeerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
