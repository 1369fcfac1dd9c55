using OrleansFlow.Tests.Simulation.Time;

namespace OrleansFlow.Tests.Simulation.Faults;

/// <summary>What goes wrong, and when that stops.</summary>
internal sealed class Faults(Chance chance, SimScheduler scheduler)
{
    private DateTimeOffset _awayUntil;

    /// <summary>From then on nothing goes wrong any more.</summary>
    public bool Over { get; set; }

    /// <summary>Whether nobody reaches the store just now.</summary>
    public bool StoreIsAway => !Over && scheduler.Now < _awayUntil;

    /// <summary>True that often, until faults are over.</summary>
    public bool Happens(double probability) => !Over && chance.Happens(probability);

    /// <summary>How long one way to the store takes.</summary>
    public TimeSpan Latency() =>
        Happens(0.01) ? chance.Within(TimeSpan.FromSeconds(8)) : Happens(0.1) ? chance.Within(TimeSpan.FromMilliseconds(200)) : TimeSpan.FromMicroseconds(300);

    /// <summary>Nobody reaches the store for a while.</summary>
    public void TakeStoreAway(TimeSpan duration) => _awayUntil = scheduler.Now + duration;
}
