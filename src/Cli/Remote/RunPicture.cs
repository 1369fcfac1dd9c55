using OrleansFlow.Client.Following;
using OrleansFlow.Scheduling.Queries;
using Wire = OrleansFlow.Contracts.V1;

namespace OrleansFlow.Cli.Remote;

/// <summary>Snapshots of one run as records that commands show. What has not changed is not translated again. Thread-safe.</summary>
internal sealed class RunPicture(RemoteLogs logs)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Wire.TaskInstance Told, TaskDetail Detail)> _known = new(StringComparer.Ordinal);

    public RunDetail Of(RunSnapshot snapshot)
    {
        lock (_lock)
            return RunMapping.Detail(RunMapping.Run(snapshot.Run), snapshot.Tasks.Values.Select(Translate));
    }

    private TaskDetail Translate(Wire.TaskInstance told)
    {
        if (_known.TryGetValue(told.Name, out var known) && ReferenceEquals(known.Told, told)) return known.Detail;
        logs.Learn(told.Attempts);
        var detail = RunMapping.Detail(told);
        _known[told.Name] = (told, detail);
        return detail;
    }
}
