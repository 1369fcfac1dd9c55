namespace OrleansFlow.Bench.Measuring;

/// <summary>The median of some numbers, with their extremes.</summary>
/// <param name="Least">The smallest.</param>
/// <param name="Median">The middle one, or the mean of the two in the middle.</param>
/// <param name="Most">The greatest.</param>
/// <param name="Count">How many there are.</param>
internal sealed record Spread(double Least, double Median, double Most, int Count)
{
    /// <summary>Of at least one number.</summary>
    public static Spread Of(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToArray();
        var middle = sorted.Length / 2;
        return new Spread(
            sorted[0], sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[^1], sorted.Length);
    }
}
