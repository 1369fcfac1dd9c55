using OrleansFlow.Domain.History;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>
/// Makes commands happen once. The answer to a command that carries a request's id is recorded in the step that does it, or that does
/// the last of it; whoever comes with that id again gets the record. What was refused is not recorded, and is decided anew.
/// </summary>
internal sealed class Requests(SchedulingServices services, RowKey subject)
{
    /// <summary>Answers those messages that have their answer; returns the others.</summary>
    public async Task<IReadOnlyList<Envelope>> AnswerKnownAsync(IReadOnlyList<Envelope> messages)
    {
        var ids = messages.Select(message => message.RequestId).OfType<string>().ToArray();
        if (ids.Length == 0) return messages;
        var known = (await services.Reader.ReadRequestsAsync(ids, services.Stopping)).ToDictionary(request => request.Id, StringComparer.Ordinal);
        if (known.Count == 0) return messages;
        var open = new List<Envelope>();
        foreach (var message in messages)
            if (message.RequestId is { } id && known.TryGetValue(id, out var record)) Answer(message, record);
            else open.Add(message);
        return open;
    }

    /// <summary>What a command leaves behind in the step that does it: its line of history and, if it carries a request's id, its answer.</summary>
    /// <param name="command">The command; null: nobody asked, and only the line is written.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="done">What was done.</param>
    public IEnumerable<RowWrite> Done(UserCommand? command, object? reply, HistoryEvent done)
    {
        yield return new AddHistory(command is null ? done : done.By(command.By));
        if (command?.By.RequestId is { } id)
            yield return new AddRequest(new RequestRecord(id, command.Fingerprint(subject), UserCommand.Write(reply!), done.At));
    }

    private void Answer(Envelope message, RequestRecord record)
    {
        var command = (UserCommand)message.Message;
        var asked = command.Fingerprint(subject);
        if (record.Command == asked) message.Complete(command.Read(record.Reply));
        else message.Fail(new RequestReusedException(record.Id, Words(record.Command), Words(asked)));
    }

    private static string Words(string fingerprint) => fingerprint[..fingerprint.LastIndexOf(' ')];
}
