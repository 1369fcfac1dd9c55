namespace OrleansFlow.Tests.Simulation.Faults;

/// <summary>All chance of a life beside the order of work: one stream from one seed.</summary>
internal sealed class Chance(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>True that often, of 1.</summary>
    public bool Happens(double probability) => _random.NextDouble() < probability;

    /// <summary>From min to max, both included.</summary>
    public int Between(int min, int max) => _random.Next(min, max + 1);

    /// <summary>Up to a span; small ones are likelier.</summary>
    public TimeSpan Within(TimeSpan longest)
    {
        var part = _random.NextDouble();
        return TimeSpan.FromMicroseconds(Math.Floor(longest.TotalMicroseconds * part * part));
    }

    /// <summary>One of some.</summary>
    public T Of<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>An identity.</summary>
    public Guid Guid()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>A stream that depends on a text and nothing else that happened before.</summary>
    public static Chance Of(int seed, string subject)
    {
        var hash = 2166136261u;
        foreach (var c in subject) hash = (hash ^ c) * 16777619u;
        return new Chance(HashCode(seed, hash));
    }

    private static int HashCode(int seed, uint hash) => unchecked((int)((uint)seed * 2654435761u ^ hash));
}
