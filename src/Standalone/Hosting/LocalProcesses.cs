using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Execution.LocalProcess;
using OrleansFlow.Execution.LocalProcess.Attempts;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Standalone.Attempts;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.TaskRuntime.Logs;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>Runs attempts on this machine, out of a data folder.</summary>
/// <param name="folder">The data folder.</param>
/// <param name="store">Where attempts leave their files.</param>
/// <param name="journal">The host's log.</param>
/// <param name="progress">Hears how far tasks say they are.</param>
/// <param name="incident">Writes a defect into the host's log, and returns the name under which it is found there.</param>
/// <param name="traceparent">Gives an attempt its place in the trace of its run; null: there are no traces.</param>
internal sealed class LocalProcesses(
    DataFolder folder, LocalFolderStore store, HostJournal journal, ProgressRelay progress, Func<string, Exception, string> incident,
    Func<AttemptKey, string?>? traceparent = null)
{
    /// <summary>A backend, for one time in charge.</summary>
    /// <param name="cleanUp">Disposes it.</param>
    public LocalProcessBackend Start(CleanUp cleanUp)
    {
        var time = TimeProvider.System;
        var disk = new DiskGuard(new DiskWatermark(DiskWatermark.ProbeOf(folder.Root)), folder.Root);
        var options = new LocalProcessOptions
        {
            Attempts = folder.Attempts,
            Log = new TaskLogOptions { Allowed = () => disk.Hold() is null },
            Hold = disk.Hold,
            Notice = journal.Say,
            Endpoints = Endpoints(cleanUp),
            Progress = progress.Set,
            Traceparent = traceparent ?? (_ => null),
        };
        return cleanUp.Add(new LocalProcessBackend(options, store, new EnvironmentConnections(), time));
    }

    // tasks can do without: all that it offers can be done by files as well
    private AttemptSockets? Endpoints(CleanUp cleanUp)
    {
        try
        {
            return cleanUp.Add(AttemptSockets.Prepare(folder.Root, incident, TimeProvider.System));
        }
        catch (IOException e)
        {
            journal.Say($"tasks have no FLOW_API: {e.Message}");
            return null;
        }
    }
}
