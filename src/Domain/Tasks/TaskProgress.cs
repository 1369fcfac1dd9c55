namespace OrleansFlow.Domain.Tasks;

/// <summary>How far a running task says it is, for people. A hint: it may be lost.</summary>
/// <param name="Fraction">The part that is done, 0 to 1; null when it cannot be told.</param>
/// <param name="Message">What it does at the moment, one line; empty: it did not say.</param>
/// <param name="At">When it said so.</param>
public sealed record TaskProgress(double? Fraction, string Message, DateTimeOffset At)
{
    /// <summary>The greatest length of a message.</summary>
    public const int LongestMessage = 500;

    /// <summary>As people read it: <c>42 % epoch 3 of 7</c>.</summary>
    public override string ToString()
    {
        var part = Fraction is { } fraction ? FormattableString.Invariant($"{Math.Floor(fraction * 100)} %") : "";
        return part.Length > 0 && Message.Length > 0 ? $"{part} {Message}" : part + Message;
    }
}
