using System.Globalization;

namespace OrleansFlow.Bench.Measuring;

/// <summary>A number that is to be reached.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Measured">What came out.</param>
/// <param name="Bound">What is wanted.</param>
/// <param name="AtLeast">Whether more is better; if not, less is.</param>
/// <param name="Unit">Of both numbers.</param>
internal sealed record Aim(string What, double Measured, double Bound, bool AtLeast, string Unit)
{
    /// <summary>Whether it was reached.</summary>
    public bool Reached => AtLeast ? Measured >= Bound : Measured <= Bound;

    /// <summary>A line for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Reached ? "aim reached:" : "AIM MISSED:")} {What} {Measured:#,0.###} {Unit}, wanted at {(AtLeast ? "least" : "most")} {Bound:#,0.###}");

    /// <summary>Tells how a bench went, and gives its exit code. Of a quick look nothing is asked.</summary>
    public static int Conclude(TextWriter output, bool quick, IReadOnlyList<Aim> aims, IReadOnlyList<string> voidBecause)
    {
        foreach (var aim in aims) output.WriteLine(aim);
        foreach (var reason in voidBecause) output.WriteLine($"VOID: a ceiling moved by more than 20 %: {reason}");
        if (quick) output.WriteLine("a quick look, no claim");
        if (quick) return ExitCodes.Done;
        if (voidBecause.Count > 0) return ExitCodes.Void;
        return aims.All(aim => aim.Reached) ? ExitCodes.Done : ExitCodes.Missed;
    }
}
