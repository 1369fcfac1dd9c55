using System.Reflection;

namespace OrleansFlow.Tests.Unit.Api.Fakes;

/// <summary>Stands before a port and may answer in its place.</summary>
internal static class Intercept
{
    /// <summary>A port behind an interceptor.</summary>
    /// <param name="inner">The port.</param>
    /// <param name="answer">Gets the method and its arguments; null lets the call through.</param>
    public static T Of<T>(T inner, Func<MethodInfo, object?[], object?> answer) where T : class
    {
        var proxy = DispatchProxy.Create<T, Interceptor>();
        ((Interceptor)(object)proxy).Stand(inner, answer);
        return proxy;
    }
}

/// <summary>What <see cref="Intercept"/> makes: public, since the runtime derives from it.</summary>
public class Interceptor : DispatchProxy
{
    private object? _inner;
    private Func<MethodInfo, object?[], object?>? _answer;

    internal void Stand(object inner, Func<MethodInfo, object?[], object?> answer) => (_inner, _answer) = (inner, answer);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _answer!(targetMethod!, args!) ?? targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
}
