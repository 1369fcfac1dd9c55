namespace OrleansFlow.Tests.Simulation.Time;

/// <summary>
/// One thread, virtual time, chance from a seed: picks at random among all that is ready, and lets time jump to the next timer when
/// nothing is. The only owner of time in a simulation.
/// </summary>
internal sealed class SimScheduler(int seed, DateTimeOffset start) : TaskScheduler
{
    private const long MostSteps = 5_000_000;
    private readonly Random _chance = new(seed);
    private readonly List<Action> _ready = [];
    private readonly PriorityQueue<SimTimer, (long At, long Order)> _timers = new();
    private readonly Thread _thread = Thread.CurrentThread;
    private long _order;

    /// <summary>The virtual time.</summary>
    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>How many items of work were run.</summary>
    public long Steps { get; private set; }

    /// <summary>Work that came back on another thread: it would make the simulation differ from run to run.</summary>
    public string? Strayed { get; private set; }

    /// <summary>Runs work and all that follows from it, until it is done or there is reason to end before.</summary>
    /// <exception cref="SimulationException">Nothing is left to do and the work is not done, or it left the thread.</exception>
    public void Run(Func<Task> work, Func<bool> until)
    {
        var done = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();
        while (!done.IsCompleted && !until())
        {
            if (Strayed is not null) throw new SimulationException(Strayed);
            if (_ready.Count == 0 && !Advance()) throw new SimulationException("nothing is ready, no timer is set, and the simulation is not over");
            if (Steps > MostSteps) throw new SimulationException($"{MostSteps} steps and no end: something goes round in circles");
            var pick = _chance.Next(_ready.Count);
            var item = _ready[pick];
            _ready[pick] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            Steps++;
            item();
        }

        if (done.IsCompleted) done.GetAwaiter().GetResult();
    }

    internal void Arrange(SimTimer timer, DateTimeOffset at) => _timers.Enqueue(timer, (at.UtcTicks, _order++));

    protected override void QueueTask(Task task)
    {
        if (Thread.CurrentThread == _thread) _ready.Add(() => TryExecuteTask(task));
        else Strayed = "work left the simulation's thread: " + Environment.StackTrace;
    }

    // Never inline: what could go on at once may as well wait for its turn.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private bool Advance()
    {
        while (_timers.TryPeek(out var timer, out var due))
        {
            if (_ready.Count > 0 && due.At > Now.UtcTicks) return true;
            _timers.Dequeue();
            if (!timer.IsDue(due.At)) continue;
            if (due.At > Now.UtcTicks) Now = new DateTimeOffset(due.At, TimeSpan.Zero);
            _ready.Add(timer.Ring);
        }

        return _ready.Count > 0;
    }
}

/// <summary>The simulation itself cannot go on.</summary>
internal sealed class SimulationException(string message) : Exception(message);
