using System.Globalization;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.TaskRuntime.Folders;

/// <summary>The folder that an attempt works in, and the places of the task contract inside it.</summary>
/// <param name="Root">Its full path.</param>
public sealed record AttemptFolder(string Root)
{
    /// <summary>The folder of an attempt: <c>{attempts}/{dag}/{run}/{task}[/{map index}]/{epoch}-{first 8 digits of the uid}</c>.</summary>
    public static AttemptFolder Of(string attempts, DagId dag, AttemptKey attempt, Guid uid) => new(Path.GetFullPath(Path.Combine(
        attempts, dag.Value, attempt.Task.ToString(),
        string.Create(CultureInfo.InvariantCulture, $"{attempt.Epoch}-{uid.ToString("N")[..8]}"))));

    /// <summary><c>$FLOW_INPUTS</c>.</summary>
    public string Inputs => Path.Combine(Root, "inputs");

    /// <summary><c>$FLOW_OUTPUTS</c>.</summary>
    public string Outputs => Path.Combine(Root, "outputs");

    /// <summary><c>$FLOW_CHECKPOINT</c>.</summary>
    public string Checkpoint => Path.Combine(Root, "checkpoint");

    /// <summary>The name of the file in <see cref="Checkpoint"/> by which a task says that a checkpoint is complete.</summary>
    public const string Ready = "READY";

    /// <summary>Where a <see cref="Ready"/> that was acknowledged is moved before it is removed.</summary>
    public string Aside => Path.Combine(Root, "ready-acknowledged");

    /// <summary><c>$FLOW_XCOM</c>.</summary>
    public string Xcom => Path.Combine(Root, "xcom.json");

    /// <summary>Where xcoms that are too large for a row wait to be staged.</summary>
    public string LargeXcoms => Path.Combine(Root, "xcoms");

    /// <summary>Where files lie that the task sends: those on their way, and those of checkpoints that are not saved yet.</summary>
    public string Uploads => Path.Combine(Root, "uploads");

    /// <summary>Where the files of one such checkpoint lie.</summary>
    public string UploadsOf(long checkpoint) => Path.Combine(Uploads, checkpoint.ToString(CultureInfo.InvariantCulture));

    /// <summary><c>$FLOW_STOP</c>.</summary>
    public string Stop => Path.Combine(Root, "stop");

    /// <summary>The file of an inline script.</summary>
    public string Script => Path.Combine(Root, "script");

    /// <summary>Who runs in here: the launcher writes it before the command starts.</summary>
    public string Pid => Path.Combine(Root, "pid");

    /// <summary>Makes the folders in it.</summary>
    public void Create()
    {
        foreach (var folder in new[] { Inputs, Outputs, Checkpoint }) Directory.CreateDirectory(folder);
    }

    /// <summary>Removes the folder with all that is in it, if it is there.</summary>
    public void Delete()
    {
        if (!Directory.Exists(Root)) return;
        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // a task may have taken permissions away from folders of its own, or made names that are no UTF-8
            MakeWritable(Root);
            Libc.RemoveTree(Root);
        }
    }

    private static void MakeWritable(string folder)
    {
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var child in Directory.EnumerateDirectories(folder))
            if (!child.Contains('\uFFFD') && new DirectoryInfo(child).LinkTarget is null)
                MakeWritable(child);
    }

    /// <summary>
    /// Tells the task that it has to end: writes the deadline (ISO 8601, UTC) into <c>$FLOW_STOP</c>, whole or not at all. An earlier
    /// notice is replaced.
    /// </summary>
    public void WriteStop(DateTimeOffset deadline)
    {
        File.WriteAllText(Stop + ".tmp", Contract.TaskEnvironment.Iso(deadline) + "\n");
        File.Move(Stop + ".tmp", Stop, overwrite: true);
    }
}
