using OrleansFlow.Bench.Measuring;

namespace OrleansFlow.Tests.Unit.Bench;

public class LatencyTests
{
    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(1, 100)]
    public void APercentile_IsTheNumberThatSoManyDoNotExceed(double part, double expected)
    {
        double[] numbers = [.. Enumerable.Range(1, 100).Select(number => (double)number)];
        Latencies.Percentile(numbers, part).ShouldBe(expected);
    }

    [Fact]
    public void CountedTimes_GiveTheSameToATenth()
    {
        var counted = new Latencies();
        foreach (var number in Enumerable.Range(1, 1000)) counted.Add(number);
        counted.Percentile(0.99).ShouldBe(990, 0.11);
        counted.Percentile(0.5).ShouldBe(500, 0.11);
        counted.Count.ShouldBe(1000);
    }

    [Fact]
    public void WhatTookTooLongToCount_IsAMinute()
    {
        var counted = new Latencies();
        counted.Add(1e9);
        counted.Percentile(0.5).ShouldBe(60_000);
    }
}
