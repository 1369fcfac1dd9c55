using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Scheduling.Execution;

/// <summary>
/// What the programs of one running attempt may ask of whoever runs it, beside what they do by files. It reaches no further than that attempt
/// and ends with it. Thread-safe. Methods throw <see cref="DeskException"/> for what they refuse.
/// </summary>
public interface IAttemptDesk
{
    /// <summary>The attempt.</summary>
    AttemptPlan Plan { get; }

    /// <summary>How often its checkpoint folder is looked at.</summary>
    TimeSpan CheckpointEvery { get; }

    /// <summary>Cancelled when the attempt may do nothing more.</summary>
    CancellationToken Closed { get; }

    /// <summary>What it was told last about stopping, and what completes when that changes.</summary>
    (StopOrder? Order, Task Changed) Stop { get; }

    /// <summary>Says how far the task is. Of several within a second the last counts.</summary>
    /// <param name="fraction">The part that is done, 0 to 1; null when it cannot be told.</param>
    /// <param name="message">What it does at the moment; may be empty.</param>
    void Report(double? fraction, string message);

    /// <summary>Keeps values that become visible when the attempt commits, all of them or none; those that were put before under the same keys go.</summary>
    /// <param name="values">JSON by key.</param>
    void PutXcoms(IReadOnlyDictionary<string, string> values);

    /// <summary>Takes a file in, as if the task had written it itself; a file of that path is replaced. Whole or not at all.</summary>
    /// <param name="upload">What comes.</param>
    /// <param name="content">Its bytes, in order.</param>
    /// <param name="cancellation">Gives up; nothing is kept.</param>
    Task<StagedFile> UploadAsync(Upload upload, IAsyncEnumerable<ReadOnlyMemory<byte>> content, CancellationToken cancellation);

    /// <summary>
    /// Saves the files that were uploaded for a checkpoint. Returns when it is recorded, so that the next attempt starts from it. False:
    /// its number is not greater than the last one's, and nothing has changed.
    /// </summary>
    Task<bool> SaveCheckpointAsync(long number, CancellationToken cancellation);
}

/// <summary>An attempt is to stop.</summary>
/// <param name="Reason">Why it is told so; null: its host is leaving.</param>
/// <param name="Detail">Why, in words.</param>
/// <param name="Deadline">When it is killed.</param>
public sealed record StopOrder(StopReason? Reason, string Detail, DateTimeOffset Deadline);

/// <summary>A file that is about to come.</summary>
/// <param name="Path">Its path below <c>$FLOW_OUTPUTS</c> or <c>$FLOW_CHECKPOINT</c>, with forward slashes.</param>
/// <param name="Checkpoint">The number of the checkpoint it belongs to; null: it is an output.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">The SHA-256 of its content, in lower-case hex; null: not compared.</param>
public sealed record Upload(string Path, long? Checkpoint, long Size, string? Sha256);

/// <summary>Lets programs of an attempt reach its desk.</summary>
public interface IAttemptEndpoints
{
    /// <summary>Opens an address for one attempt. It has to be cheap, since most attempts never use it.</summary>
    /// <exception cref="IOException">It cannot be opened; the message is for people.</exception>
    IAttemptEndpoint Open(IAttemptDesk desk);
}

/// <summary>The address of one attempt's desk, until it is disposed; calls in progress end then.</summary>
public interface IAttemptEndpoint : IDisposable
{
    /// <summary>The value of <c>FLOW_API</c>.</summary>
    string Address { get; }
}

/// <summary>Why a desk refuses.</summary>
public enum DeskRefusal
{
    /// <summary>What was asked is wrong.</summary>
    Invalid = 1,

    /// <summary>The attempt has ended, or is about to.</summary>
    Closed = 2,

    /// <summary>There is no room for it; trying again later may do.</summary>
    NoRoom = 3,

    /// <summary>It could not be recorded in time; trying again is fine.</summary>
    NotRecorded = 4,
}

/// <summary>A desk refuses; the message is for the user.</summary>
/// <param name="refusal">Why.</param>
/// <param name="message">In words, with what to do.</param>
/// <param name="field">What is wrong: the name of a field of the request, as <c>values_json["rows"]</c>; empty when none is.</param>
/// <param name="inner">What it comes of.</param>
public sealed class DeskException(DeskRefusal refusal, string message, string field = "", Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public DeskRefusal Refusal { get; } = refusal;

    /// <summary>The field that is wrong; empty when none is.</summary>
    public string Field { get; } = field;
}
