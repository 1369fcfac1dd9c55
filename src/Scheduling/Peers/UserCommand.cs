using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansFlow.Domain.History;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Peers;

/// <summary>What people and programs ask of a peer, as opposed to what peers tell each other.</summary>
public abstract record UserCommand
{
    /// <summary>How commands and answers are written. What is not set is left out, so that a command may grow without looking like another.</summary>
    private protected static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    /// <summary>Who gave it, from where, by which request, and why.</summary>
    public Origin By { get; init; } = Origin.Unknown;

    /// <summary>What is done, in one word.</summary>
    internal abstract string Verb { get; }

    /// <summary>The command without what may differ when it is given again.</summary>
    private protected virtual UserCommand Essence => this with { By = Origin.Unknown };

    /// <summary>A command with a request id, so that it is done once however often it is given.</summary>
    /// <param name="command">The command; one that has an id keeps it.</param>
    /// <param name="newId">Makes an id.</param>
    public static TCommand Named<TCommand>(TCommand command, Func<string> newId) where TCommand : UserCommand
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(newId);
        return command.By.RequestId is not null ? command : (TCommand)(command with { By = command.By with { RequestId = newId() } });
    }

    /// <summary>Names the command with all that it asks: equal for a repeat, and different for everything else.</summary>
    /// <param name="subject">The row of the peer that is asked.</param>
    public string Fingerprint(RowKey subject)
    {
        var text = JsonSerializer.Serialize<object>(Essence, Json);
        return $"{Verb} {subject.Id} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32]}";
    }

    /// <summary>An answer as it is recorded.</summary>
    internal static string Write(object reply) => JsonSerializer.Serialize(reply, Json);

    /// <summary>A recorded answer to this command.</summary>
    internal abstract object Read(string reply);
}

/// <summary>A command and what answers it.</summary>
/// <typeparam name="TReply">The answer: a plain record.</typeparam>
public abstract record UserCommand<TReply> : UserCommand where TReply : class
{
    internal override object Read(string reply) => JsonSerializer.Deserialize<TReply>(reply, Json)!;

    /// <summary>The answer that was recorded for this command; null when the record is of another one.</summary>
    /// <param name="record">What is known of the request's id.</param>
    /// <param name="subject">The row of the peer that is asked.</param>
    public TReply? AnswerIn(RequestRecord record, RowKey subject) => record.Command == Fingerprint(subject) ? (TReply)Read(record.Reply) : null;
}

/// <summary>A request's id was used before, for another command. Nothing was done.</summary>
/// <param name="id">The id.</param>
/// <param name="before">What it was used for, as <c>verb subject</c>.</param>
/// <param name="now">What it came with this time.</param>
public sealed class RequestReusedException(string id, string before, string now) : Exception(
    $"request id '{id}' was used before, for '{before}'; this one is '{now}'{(before == now ? " with other arguments" : "")}: "
    + "give every new command an id of its own, and repeat a command exactly")
{
    /// <summary>The request's id.</summary>
    public string Id => id;

    /// <summary>What it was used for.</summary>
    public string Before => before;

    /// <summary>What it came with this time.</summary>
    public string Now => now;
}
