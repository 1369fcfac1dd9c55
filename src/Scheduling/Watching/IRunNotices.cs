using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>
/// How the hosts of one database tell each other which runs have changed. Hints: one may be lost, come late or come twice, and whoever watches looks
/// by himself now and then. Telling and listening may go on at once.
/// </summary>
public interface IRunNotices
{
    /// <summary>Tells the other hosts. What has been committed before is seen by those who look when they hear of it.</summary>
    /// <exception cref="StoreException">The others cannot be reached; maybe some have heard.</exception>
    Task TellAsync(ChangedRuns news, CancellationToken cancellation);

    /// <summary>
    /// Listens to the other hosts until it is cancelled. It hears <see cref="ChangedRuns.All"/> first, as soon as it listens: what was told before is
    /// not known. Of what this host tells it hears nothing.
    /// </summary>
    /// <param name="heard">Must return at once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreException">The others cannot be heard, or not any more. Listen again.</exception>
    Task ListenAsync(Action<ChangedRuns> heard, CancellationToken cancellation);
}
