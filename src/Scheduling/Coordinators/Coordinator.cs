using OrleansFlow.Domain.History;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Waiting;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>
/// An inbox and a pump: messages are only enqueued; one pump takes all that is there, decides once, commits once, completes the
/// callers and starts the effects. Single-threaded by contract: everything runs on the scheduler of whoever hosts it.
/// </summary>
/// <param name="services">What the host gives.</param>
/// <param name="anchor">The row whose version guards the state.</param>
public abstract class Coordinator(SchedulingServices services, RowKey anchor)
{
    private readonly Queue<Envelope> _inbox = new();
    private readonly Requests _requests = new(services, anchor);
    private bool _pumping;
    private TaskCompletionSource<bool>? _rest;

    /// <summary>What the host gives.</summary>
    protected SchedulingServices Services { get; } = services;

    /// <summary>The row whose version guards the state.</summary>
    protected RowKey Anchor { get; } = anchor;

    /// <summary>Called when nothing is left to do for now, on the coordinator's own scheduler.</summary>
    public Action? WentIdle { get; set; }

    /// <summary>Whether nothing is queued or under way, so that a host may drop the coordinator from memory.</summary>
    public bool IsIdle => !_pumping && Waiting == 0;

    /// <summary>How many messages wait while others are acted on.</summary>
    public int Waiting => _inbox.Count;

    /// <summary>Whether the state can be dropped without losing more than a reload.</summary>
    public abstract bool IsFinished { get; }

    /// <summary>Whether the state is in memory.</summary>
    protected abstract bool IsLoaded { get; }

    /// <summary>
    /// Returns when nothing is queued or under way, having forgotten the state: another activation takes over. What effects have to tell
    /// later is still acted on, from the rows as they are then.
    /// </summary>
    /// <exception cref="OperationCanceledException">The host waits no longer; what is under way goes on.</exception>
    public async Task HandOverAsync(CancellationToken cancellation)
    {
        while (!IsIdle) await (_rest ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).OrCancelledAsync(cancellation);
        Unload();
    }

    /// <summary>
    /// Whether the state was loaded because another activation had moved it on. What follows from its commit is its own to do: to launch an
    /// attempt here too could run it twice.
    /// </summary>
    protected bool LostToAnother { get; private set; }

    /// <summary>Loads the state from the store.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellation);

    /// <summary>Forgets the state; the next message loads it again.</summary>
    protected abstract void Unload();

    /// <summary>
    /// Decides about messages, commits, completes them, starts effects. Messages that are not completed when it returns are completed
    /// with null. After a conflict or an unknown outcome it is called again with those that have no answer yet, maybe none: then it does
    /// what the state that was loaded asks for.
    /// </summary>
    protected abstract Task ProcessAsync(IReadOnlyList<Envelope> messages, CancellationToken cancellation);

    /// <summary>Enqueues a message and returns its answer.</summary>
    protected async Task<TReply> AskAsync<TReply>(object message, CancellationToken cancellation) =>
        (TReply)(await EnqueueAsync(message, cancellation))!;

    /// <summary>Enqueues a message and returns when it has been acted on.</summary>
    protected Task TellAsync(object message, CancellationToken cancellation) => EnqueueAsync(message, cancellation);

    /// <summary>What a command leaves behind: exactly once, in the step that does it or the last of it. Only what is accepted.</summary>
    /// <param name="command">The command; null: nobody asked, and only the line of history is written.</param>
    /// <param name="reply">The answer that its repeats will get.</param>
    /// <param name="done">What was done.</param>
    protected IEnumerable<RowWrite> Done(UserCommand? command, object? reply, HistoryEvent done) => _requests.Done(command, reply, done);

    /// <summary>Starts an effect; nobody waits for it, and what goes wrong is a defect.</summary>
    protected async void Start(Func<Task> effect)
    {
        try
        {
            await effect();
        }
        catch (OperationCanceledException) when (Services.Stopping.IsCancellationRequested)
        {
        }
        catch (FencedException)
        {
        }
        catch (Exception e)
        {
            Services.Observer.Defect($"effect of {Anchor}", e);
        }
    }

    /// <summary>Commits a step; returns when it is durable, or tells that a limit was in the way.</summary>
    /// <returns>Null when it is durable, else the limit.</returns>
    /// <exception cref="StaleStateException">The state in memory is not what is stored, or nobody knows: reload and decide again.</exception>
    /// <exception cref="FencedException">This host is no longer in charge.</exception>
    /// <exception cref="RejectedException">The store refuses the step for what it is.</exception>
    protected async Task<LimitCounter?> CommitAsync(Step step, CancellationToken cancellation)
    {
        var outcome = await Services.Store.CommitAsync(step, cancellation);
        return outcome.Status switch
        {
            StepStatus.Committed => null,
            StepStatus.LimitExceeded => outcome.Limit,
            StepStatus.Conflict => throw new StaleStateException(outcome.Problem) { IsConflict = true },
            StepStatus.Unknown => throw new StaleStateException(outcome.Problem),
            StepStatus.Fenced => throw new FencedException(outcome.Problem),
            _ => throw new RejectedException($"{Anchor}: {outcome.Problem}"),
        };
    }

    private Task<object?> EnqueueAsync(object message, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var envelope = new Envelope(message);
        // while the store hangs, callers give up and ask again: what they have given up must not pile up
        while (_inbox.TryPeek(out var oldest) && oldest.IsAnswered) _inbox.Dequeue();
        _inbox.Enqueue(envelope);
        if (!_pumping)
        {
            _pumping = true;
            Start(PumpAsync);
        }

        return envelope.AnswerAsync(cancellation);
    }

    private async Task PumpAsync()
    {
        try
        {
            while (_inbox.Count > 0)
            {
                await HandleAsync(TakeInbox());
            }
        }
        catch (Exception e)
        {
            // The host is stopping or fenced: those who still wait learn the same.
            while (_inbox.TryDequeue(out var left)) left.Fail(e);
            throw;
        }
        finally
        {
            _pumping = false;
            WentIdle?.Invoke();
            _rest?.TrySetResult(true);
            _rest = null;
        }
    }

    // Of several commands with one request's id only the first: the others wait for its record.
    private List<Envelope> TakeInbox()
    {
        var taken = new List<Envelope>(_inbox.Count);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var left = _inbox.Count; left > 0; left--)
        {
            var message = _inbox.Dequeue();
            if (message.RequestId is { } id && !ids.Add(id)) _inbox.Enqueue(message);
            else taken.Add(message);
        }

        return taken;
    }

    private async Task HandleAsync(IReadOnlyList<Envelope> messages)
    {
        LostToAnother = false;
        var doubt = false;
        for (var tries = 0; ; tries++)
        {
            try
            {
                var open = await _requests.AnswerKnownAsync(Unanswered(messages));
                if (open.Count == 0 && tries == 0) return;
                if (!IsLoaded) await LoadAsync(Services.Stopping);
                // callers may have given up meanwhile
                open = Unanswered(open);
                if (open.Count == 0 && tries == 0) return;
                await ProcessAsync(open, Services.Stopping);
                foreach (var message in messages) message.Complete(null);
                return;
            }
            catch (Exception e) when (e is StaleStateException or StoreException { Failure: StoreFailure.Unavailable or StoreFailure.Contention })
            {
                Unload();
                doubt |= e is not StaleStateException { IsConflict: true };
                LostToAnother = !doubt;
                if (e is StoreException) Services.Observer.StoreUnavailable(e.Message);
                if (tries >= 3) await Task.Delay(Pause(tries), Services.Time, Services.Stopping);
            }
            catch (Exception e)
            {
                Unload();
                foreach (var message in messages) message.Fail(e);
                if (e is FencedException or OperationCanceledException) throw;
                Services.Observer.Defect(Anchor.ToString(), e);
                return;
            }
        }
    }

    private static IReadOnlyList<Envelope> Unanswered(IReadOnlyList<Envelope> messages) => [.. messages.Where(message => !message.IsAnswered)];

    private static TimeSpan Pause(int tries) => TimeSpan.FromMilliseconds(Math.Min(5_000, 10 * Math.Pow(2, Math.Min(tries, 12))));
}

/// <summary>A message on its way through a coordinator.</summary>
/// <param name="message">The message.</param>
public sealed class Envelope(object message)
{
    private readonly TaskCompletionSource<object?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The message.</summary>
    public object Message { get; } = message;

    /// <summary>Whether it has been answered or has failed, or its caller has given up.</summary>
    public bool IsAnswered => _answer.Task.IsCompleted;

    /// <summary>The id of the request, when it is a command that carries one.</summary>
    public string? RequestId => (Message as UserCommand)?.By.RequestId;

    /// <summary>Its answer, unless the caller gives up before.</summary>
    public Task<object?> AnswerAsync(CancellationToken cancellation) => _answer.OrCancelledAsync(cancellation);

    /// <summary>Answers it; a second answer counts for nothing.</summary>
    public void Complete(object? answer) => _answer.TrySetResult(answer);

    /// <summary>Fails it; after an answer that counts for nothing.</summary>
    public void Fail(Exception exception)
    {
        // Reports have no caller who would look at the failure.
        if (_answer.TrySetException(exception)) _ = _answer.Task.Exception;
    }
}

/// <summary>The state in memory is not what is stored: reload and decide again.</summary>
public sealed class StaleStateException(string? message) : Exception(message)
{
    /// <summary>Another activation has committed, and this one certainly not. Default: nobody knows whether this one has.</summary>
    public bool IsConflict { get; init; }
}

/// <summary>This host is no longer in charge.</summary>
public sealed class FencedException(string? message) : Exception(message);

/// <summary>The store refuses a step for what it is: a defect.</summary>
public sealed class RejectedException(string? message) : Exception(message);
