using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Cli.Terminal;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Logs;

/// <summary>How lines of logs are shown.</summary>
internal static class LogText
{
    public static readonly Shape<LogLine> Shape = new Shape<LogLine>()
        .Text("task", l => l.Attempt.Task.Task.Value)
        .Number("mapIndex", l => TaskDocument.MapIndex(l.Attempt.Task))
        .Number("epoch", l => l.Attempt.Epoch)
        .Instant("at", l => l.Record.At)
        .Text("source", l => l.Record.Source)
        .Flag("continues", l => l.Record.Continues)
        .Text("line", l => l.Record.Text);

    /// <summary>For people: bare for a single task, with the task's name before it for several.</summary>
    public static string ForPeople(LogLine line, Invocation flow, bool single)
    {
        var text = flow.Messages.Verbosity == Verbosity.Verbose ? line.Record.Verbose : line.Record.Plain;
        return single ? text : $"{flow.Output.Paint.Faint(TaskName.Of(line.Attempt.Task) + " |")} {text}";
    }
}

/// <summary>Writes logs that are being followed: every record at once, a line or an object of its own.</summary>
internal sealed class LogStreamWriter(Invocation flow, bool single)
{
    public void Write(LogLine line) => flow.Output.Next(line, LogText.Shape, l => LogText.ForPeople(l, flow, single));
}

/// <summary>Writes logs as they are: records that go on a line are joined to it again; documents become one list.</summary>
internal sealed class LogWholeWriter(Invocation flow, bool single)
{
    private int _items;
    private bool _open;

    public void Write(AttemptKey attempt, LogRecord record)
    {
        if (!flow.Output.ForPeople)
        {
            flow.Output.Item(new LogLine(attempt, record), LogText.Shape, ref _items);
            return;
        }

        if (_open && record.Continues)
        {
            flow.Output.Plain.Write(record.Text);
            return;
        }

        EndLine();
        flow.Output.Plain.Write(LogText.ForPeople(new LogLine(attempt, record), flow, single));
        _open = true;
    }

    public void EndLine()
    {
        if (_open) flow.Output.Plain.WriteLine();
        _open = false;
    }

    public void End()
    {
        if (!flow.Output.ForPeople) flow.Output.End(_items);
    }
}
