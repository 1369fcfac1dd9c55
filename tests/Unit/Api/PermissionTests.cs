using OrleansFlow.Api.Security;
using OrleansFlow.Contracts;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc.Health;
using OrleansFlow.Rpc.Reflection;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>The one table of who may call what, and the tokens.</summary>
public sealed class PermissionTests
{
    [Fact]
    public void EveryMethodOfEveryService_IsInTheTable_AndNothingElse()
    {
        var health = new HealthService().Service;
        var methods = ApiDescriptors.Files.SelectMany(file => file.Services)
            .Concat([health.Descriptor, .. ReflectionService.For(health).Select(service => service.Descriptor)])
            .SelectMany(service => service.Methods)
            .Select(method => $"/{method.Service.FullName}/{method.Name}");
        Permissions.Table.Keys.Order(StringComparer.Ordinal).ShouldBe(methods.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WhatChangesSomething_IsNotForViewers()
    {
        var reading = Google.Protobuf.Reflection.MethodOptions.Types.IdempotencyLevel.NoSideEffects;
        foreach (var method in ApiDescriptors.Files.SelectMany(file => file.Services).SelectMany(service => service.Methods))
        {
            var needed = Permissions.Table[$"/{method.Service.FullName}/{method.Name}"];
            if (method.GetOptions()?.IdempotencyLevel != reading) Permissions.Permits(needed, Role.Viewer).ShouldBeFalse(method.FullName);
        }
    }

    [Fact]
    public void AMethodThatIsNotInTheTable_IsForNobody() => Permissions.Permits(Permissions.Table.GetValueOrDefault("/x/y"), Role.Admin).ShouldBeFalse();

    [Fact]
    public void RolesIncludeThoseBelow()
    {
        Permissions.Permits(Access.Viewer, Role.Admin).ShouldBeTrue();
        Permissions.Permits(Access.Operator, Role.Viewer).ShouldBeFalse();
        Permissions.Permits(Access.Admin, Role.Operator).ShouldBeFalse();
        Permissions.Permits(Access.Attempt, Role.Admin).ShouldBeFalse();
        Permissions.Permits(Access.Viewer, Role.Unspecified).ShouldBeFalse();
    }

    [Fact]
    public void ATokenFile_NamesCallers_AndEveryProblemAtOnce_WithoutTheTokens()
    {
        var problems = new List<string>();
        var tokens = TokenBook.Parse(["# people", "viewer ann 0123456789abcdef", "", "admin bob fedcba9876543210"], problems)!;
        problems.ShouldBeEmpty();
        tokens.Find("fedcba9876543210").ShouldBe(new Caller("bob", Role.Admin));
        tokens.Find("0123456789abcdef").ShouldBe(new Caller("ann", Role.Viewer));
        tokens.Find("0123456789abcdeF").ShouldBeNull();
        tokens.Find(null).ShouldBeNull();

        TokenBook.Parse(["viewer ann 0123456789abcdef", "admin bob 0123456789abcdef"], problems).ShouldBeNull();
        problems.ShouldHaveSingleItem().ShouldContain("that of ann");
        problems.Clear();
        TokenBook.Parse(["king ann secretsecretsecret", "viewer ann short", "admin bob"], problems).ShouldBeNull();
        problems.Count.ShouldBe(3);
        string.Join(' ', problems).ShouldNotContain("secret");
    }
}
