using OrleansFlow.Cli;
using OrleansFlow.Cli.Commands;

return await FlowCommand.InvokeAsync(args, Composition.OfProcess());
