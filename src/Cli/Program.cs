using OrleansFlow.Cli;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Terminal;

using var trace = CallersTrace.Continue();
return await FlowCommand.InvokeAsync(args, Composition.OfProcess());
