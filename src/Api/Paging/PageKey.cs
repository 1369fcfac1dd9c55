using System.Globalization;
using OrleansFlow.Api.Errors;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Paging;

/// <summary>Keys of rows as parts of page tokens.</summary>
internal static class PageKey
{
    public static string Of(DateTimeOffset at) => at.UtcTicks.ToString(CultureInfo.InvariantCulture);

    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string[] Of(TaskKey task) => [task.Task.Value, Of(task.MapIndex)];

    /// <exception cref="Rpc.RpcException">It is none.</exception>
    public static DateTimeOffset Instant(string text)
    {
        var ticks = Number(text);
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : throw ApiError.PageToken();
    }

    /// <exception cref="Rpc.RpcException">It is none.</exception>
    public static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw ApiError.PageToken();

    /// <exception cref="Rpc.RpcException">It is none.</exception>
    public static TaskKey Task(RunId run, string task, string mapIndex) => new(run, new TaskId(task), Small(mapIndex));

    /// <exception cref="Rpc.RpcException">It is none.</exception>
    public static int Small(string text) => Number(text) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : throw ApiError.PageToken();
}
