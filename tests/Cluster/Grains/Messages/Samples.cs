using System.Collections;
using System.Reflection;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Tests.Cluster.Grains.Messages;

/// <summary>Makes values of the types of messages: with all members set, and with only those that are required.</summary>
internal static class Samples
{
    private static readonly DateTimeOffset s_moment = new(2026, 3, 29, 1, 30, 0, TimeSpan.Zero);
    private static readonly Assembly[] s_assemblies = [typeof(IPeers).Assembly, typeof(TaskKey).Assembly, typeof(GrainKeys).Assembly];
    private static readonly Dictionary<Type, object> s_plain = new()
    {
        [typeof(string)] = "text \"ä\" \u2028",
        [typeof(bool)] = true,
        [typeof(int)] = 7,
        [typeof(long)] = long.MaxValue,
        [typeof(double)] = 0.1,
        [typeof(Guid)] = new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]),
        [typeof(DateTimeOffset)] = s_moment.AddTicks(1234560),
        [typeof(TimeSpan)] = TimeSpan.FromTicks(98765432101),
    };

    /// <summary>All argument and answer types of a peer.</summary>
    public static IEnumerable<Type> MessagesOf(Type peer) => peer.GetMethods()
        .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType.GenericTypeArguments.SingleOrDefault()))
        .OfType<Type>().Where(type => type != typeof(CancellationToken));

    /// <summary>The types that a value of a type may have.</summary>
    public static IEnumerable<Type> Concrete(Type type) => type.IsAbstract
        ? s_assemblies.SelectMany(assembly => assembly.GetTypes()).Where(each => type.IsAssignableFrom(each) && !each.IsAbstract)
        : [type];

    /// <summary>A value of a type that is not abstract.</summary>
    /// <param name="type">The type.</param>
    /// <param name="full">Whether all members are set, or only the required ones.</param>
    public static object Of(Type type, bool full)
    {
        if (s_plain.TryGetValue(type, out var plain)) return plain;
        if (Nullable.GetUnderlyingType(type) is { } value) return Of(value, full);
        if (type.IsEnum) return Enum.GetValues(type).Cast<object>().Last();
        if (type.IsGenericType && type.IsInterface) return Collection(type, full);
        return Record(Concrete(type).First(), full);
    }

    private static object Collection(Type type, bool full)
    {
        var parts = type.GenericTypeArguments;
        if (parts.Length == 1)
        {
            // as they come out of JSON: which kind of list it is, is no part of a message
            var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(parts[0]))!;
            for (var i = 0; full && i < 2; i++) items.Add(Of(parts[0], full));
            return items;
        }

        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(parts))!;
        if (full) map.Add(Of(parts[0], full), Of(parts[1], full));
        return map;
    }

    private static object Record(Type type, bool full)
    {
        var constructor = type.GetConstructors().OrderBy(each => each.GetParameters().Length)
            .LastOrDefault(each => each.GetParameters() is not [var only] || only.ParameterType != type);
        var made = constructor is null
            ? Activator.CreateInstance(type)!
            : constructor.Invoke([.. constructor.GetParameters().Select(parameter => IsLeftOut(parameter, full) ? null : Of(parameter.ParameterType, full))]);
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
        {
            var required = property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute));
            if (full || required) property.SetValue(made, Of(property.PropertyType, full));
        }

        return made;
    }

    private static bool IsLeftOut(ParameterInfo parameter, bool full) =>
        !full && new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;
}
