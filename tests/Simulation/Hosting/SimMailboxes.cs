using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Tests.Simulation.Time;

namespace OrleansFlow.Tests.Simulation.Hosting;

/// <summary>Every coordinator runs on the one thread there is.</summary>
internal sealed class SimMailboxes(SimScheduler scheduler) : IMailboxes
{
    public Task<T> RunAsync<T>(RowKey row, Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, scheduler).Unwrap();
}
