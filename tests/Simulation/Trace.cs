using System.Globalization;
using OrleansFlow.Tests.Simulation.Time;

namespace OrleansFlow.Tests.Simulation;

/// <summary>What happened: the last events for people, and a hash of all of them.</summary>
internal sealed class Trace(SimScheduler scheduler, DateTimeOffset start, Action<string>? echo)
{
    private const int Kept = 100;
    private readonly Queue<string> _last = new();
    private ulong _hash = 14695981039346656037;

    /// <summary>Two lives that went the same way have the same hash.</summary>
    public string Hash => _hash.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The last events, oldest first.</summary>
    public IReadOnlyCollection<string> Last => _last;

    public void Add(string text)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{(scheduler.Now - start).TotalSeconds,10:F3} {text}");
        foreach (var c in line) _hash = (_hash ^ c) * 1099511628211;
        _last.Enqueue(line);
        if (_last.Count > Kept) _last.Dequeue();
        echo?.Invoke(line);
    }
}
