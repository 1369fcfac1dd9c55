using System.Threading.Channels;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Unit.Scheduling.Storage;

/// <summary>An executor whose every batch the test sees and answers.</summary>
internal sealed class ScriptedExecutor : IBatchExecutor
{
    private readonly Channel<Batch> _batches = Channel.CreateUnbounded<Batch>();

    public async Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation)
    {
        var call = new Batch(batch);
        _batches.Writer.TryWrite(call);
        return await call.Answer.Task.WaitAsync(cancellation);
    }

    /// <summary>The next batch, once it is there.</summary>
    public async Task<Batch> NextAsync() => await _batches.Reader.ReadAsync();

    public bool HasNone => _batches.Reader.Count == 0;

    /// <summary>One batch.</summary>
    public sealed class Batch(IReadOnlyList<Step> steps)
    {
        public TaskCompletionSource<IReadOnlyList<StepOutcome>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IEnumerable<string> Names => steps.Select(Steps.Name);

        public void Commit() => Answer.SetResult([.. steps.Select(_ => StepOutcome.Committed)]);

        public void Fail(StoreFailure failure) => Answer.SetException(new StoreException(failure, $"the store said: {failure}"));
    }
}

/// <summary>Notes what it hears.</summary>
internal sealed class NotingObserver : IEngineObserver
{
    private readonly Lock _lock = new();
    private readonly List<string> _notes = [];

    public IReadOnlyList<string> Notes
    {
        get
        {
            lock (_lock) return [.. _notes];
        }
    }

    public void StoreUnavailable(string problem) => Note("unavailable");

    public void StoreAvailable() => Note("available");

    public void BatchExecuted(int steps, TimeSpan duration) => Note($"executed {steps}");

    public void Stale(string subject, string @event) => Note("stale");

    public void Illegal(string subject, string @event) => Note("illegal");

    public void Defect(string subject, Exception exception) => Note($"defect: {subject}");

    public void Fenced(string problem) => Note("fenced");

    private void Note(string note)
    {
        lock (_lock) _notes.Add(note);
    }
}
