using System.Reflection;
using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts;
using OrleansFlow.Rpc;

namespace OrleansFlow.Tests.Unit.Client;

public class MethodTests
{
    private static readonly Type[] s_tables =
        [typeof(DagMethods), typeof(RunMethods), typeof(TaskMethods), typeof(LogMethods), typeof(PoolMethods), typeof(SystemMethods)];

    public static TheoryData<string, string> Methods()
    {
        var all = new TheoryData<string, string>();
        foreach (var property in Properties()) all.Add(property.DeclaringType!.Name, property.Name);
        return all;
    }

    /// <summary>The client names its methods itself, so that it need not read descriptors; they are compared here.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void AMethodOfTheClient_IsAsItsDescriptorSays(string table, string name)
    {
        var property = Properties().Single(property => property.DeclaringType!.Name == table && property.Name == name);
        var method = (RpcMethod)property.GetValue(null)!;
        var service = ApiDescriptors.Files.SelectMany(file => file.Services).Single(service => service.FullName == method.Service);

        // fails where the service has no such method, or one with other messages
        var described = (RpcMethod)typeof(RpcMethod).GetMethod(nameof(RpcMethod.Of))!
            .MakeGenericMethod(property.PropertyType.GetGenericArguments())
            .Invoke(null, [service, method.Name])!;

        (method.Path, method.Kind, method.IsIdempotent, method.HasNoSideEffects)
            .ShouldBe((described.Path, described.Kind, described.IsIdempotent, described.HasNoSideEffects));
    }

    private static IEnumerable<PropertyInfo> Properties() => s_tables
        .SelectMany(table => table.GetProperties(BindingFlags.Public | BindingFlags.Static))
        .Where(property => property.PropertyType.IsAssignableTo(typeof(RpcMethod)));
}
