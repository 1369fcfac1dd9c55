using System.Diagnostics.Metrics;
using OrleansFlow.Telemetry.Exposition;

namespace OrleansFlow.Tests.Unit.Telemetry;

public sealed class MetricsBookTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly MetricsBook _book;

    public MetricsBookTests() => _book = new MetricsBook(instrument => instrument.Meter == _meter);

    [Fact]
    public void Counters_AddUp_ByTheirTags_InWhateverOrder()
    {
        var counter = _meter.CreateCounter<long>("some.things", "{thing}", "Things.");
        counter.Add(2, new("kind", "a"), new("state", "x"));
        counter.Add(3, new("state", "x"), new("kind", "a"));
        counter.Add(1, new KeyValuePair<string, object?>("kind", "b"));

        _book.Write().ShouldBe(
            """
            # HELP some_things_total Things.
            # TYPE some_things_total counter
            some_things_total{kind="a",state="x"} 5
            some_things_total{kind="b"} 1

            """);
    }

    [Fact]
    public void Histograms_CountUpToEachBound_AndAboveAll()
    {
        var histogram = _meter.CreateHistogram("time", "s", "Time.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2.5] });
        foreach (var value in (double[])[0.5, 1, 2, 9]) histogram.Record(value);

        _book.Write().ShouldBe(
            """
            # HELP time_seconds Time.
            # TYPE time_seconds histogram
            time_seconds_bucket{le="1"} 2
            time_seconds_bucket{le="2.5"} 3
            time_seconds_bucket{le="+Inf"} 4
            time_seconds_sum 12.5
            time_seconds_count 4

            """);
    }

    [Fact]
    public void WhatIsObserved_IsAskedForEachTime_AndGoesWhenItIsNotTold()
    {
        var values = new List<Measurement<int>> { new(3, new KeyValuePair<string, object?>("pool", "a")), new(4, new KeyValuePair<string, object?>("pool", "b")) };
        _meter.CreateObservableUpDownCounter("used", () => values, "By", "Used.");
        _book.Write().ShouldContain("used_bytes{pool=\"b\"} 4\n");
        values.RemoveAt(1);

        var text = _book.Write();

        text.ShouldContain("used_bytes{pool=\"a\"} 3\n");
        text.ShouldNotContain("pool=\"b\"");
    }

    [Fact]
    public void Names_AndValues_AreMadeFitForPrometheus()
    {
        _meter.CreateObservableGauge("thread-pool.ThreadCount", () => new Measurement<int>(7, new KeyValuePair<string, object?>("a.name", "say \"no\"\\\n")), "{thread}", "Threads\nof a pool.");

        _book.Write().ShouldBe("# HELP thread_pool_thread_count_current Threads\\nof a pool.\n# TYPE thread_pool_thread_count_current gauge\n"
            + "thread_pool_thread_count_current{a_name=\"say \\\"no\\\"\\\\\\n\"} 7\n");
    }

    [Fact]
    public void TagsWithoutEnd_EndInOneOfTheirOwn()
    {
        var counter = _meter.CreateCounter<int>("ids");
        for (var i = 0; i < Family.MostSeries + 10; i++) counter.Add(1, new KeyValuePair<string, object?>("id", i));

        var text = _book.Write();

        text.ShouldContain("ids_total{otel_metric_overflow=\"true\"} 10\n");
        text.Split('\n').Count(line => line.StartsWith("ids_total{", StringComparison.Ordinal)).ShouldBe(Family.MostSeries + 1);
    }

    public void Dispose()
    {
        _book.Dispose();
        _meter.Dispose();
    }
}
