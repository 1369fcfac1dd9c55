using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Tests.Unit.Standalone;

public class DiskWatermarkTests
{
    private const long Mib = 1024 * 1024;

    [Theory]
    [InlineData(1024, 128)]
    [InlineData(10 * 1024, 204)]
    [InlineData(100 * 1024, 512)]
    [InlineData(4 * 1024 * 1024, 512)]
    public void DefaultThreshold_IsTwoPercent_WithinBounds(long totalMib, long lowMib)
    {
        var thresholds = DiskThresholds.For(totalMib * Mib);
        (thresholds.Low / Mib).ShouldBe(lowMib);
        thresholds.Critical.ShouldBe(thresholds.Low / 4);
    }

    [Fact]
    public void Level_FollowsTheSpace_AndComesBackOnlyWithSomeToSpare()
    {
        long free = 0;
        var watermark = new DiskWatermark(() => new DiskSpace(free, 10_000), new DiskThresholds(Low: 400, Critical: 100));
        watermark.Level.ShouldBe(DiskLevel.Enough);
        foreach (var (space, level) in new[]
        {
            (400, DiskLevel.Enough), (399, DiskLevel.Low), (450, DiskLevel.Low), (500, DiskLevel.Enough), (99, DiskLevel.Critical),
            (120, DiskLevel.Critical), (125, DiskLevel.Low), (499, DiskLevel.Low), (10_000, DiskLevel.Enough),
        })
        {
            free = space;
            watermark.Check().ShouldBe(level, $"at {space}");
            watermark.Level.ShouldBe(level);
            watermark.Space.Free.ShouldBe(space);
        }
    }

    [Fact]
    public void Guard_HoldsWhileItIsCritical_InTheSameWords()
    {
        long free = 99 * Mib;
        var guard = new DiskGuard(new DiskWatermark(() => new DiskSpace(free, 10_000 * Mib), new DiskThresholds(Low: 400 * Mib, Critical: 100 * Mib)), "/data");
        var held = guard.Hold();
        held.ShouldBe("the disk of the data folder /data has only 99 MB left: launches wait until there is room");
        free = 7 * Mib;
        guard.Hold().ShouldBe(held);
        free = 300 * Mib;
        guard.Hold().ShouldBeNull();
        free = 50 * Mib;
        guard.Hold().ShouldNotBeNull().ShouldContain("only 50 MB");
    }

    [Fact]
    public void Probe_ReadsTheFileSystemOfAFolder()
    {
        var space = DiskWatermark.ProbeOf(Path.GetTempPath())();
        space.Total.ShouldBeGreaterThan(0);
        space.Free.ShouldBeInRange(0, space.Total);
    }
}
