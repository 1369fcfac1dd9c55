using ClientSample;
using OrleansFlow.Client;

// dotnet run --project samples/client-csharp -- 127.0.0.1:8233 TOKEN-FILE
if (args.Length == 0)
{
    Console.Error.WriteLine("usage: client-csharp ADDRESS [TOKEN-FILE]");
    return 2;
}

using var client = new FlowClient(new FlowClientOptions { Addresses = { args[0] }, TokenFile = args.ElementAtOrDefault(1) });
return await Walkthrough.RunAsync(client) ? 0 : 1;
