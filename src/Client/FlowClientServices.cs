using Microsoft.Extensions.DependencyInjection;

namespace OrleansFlow.Client;

/// <summary>Puts the client into a program's services.</summary>
public static class FlowClientServices
{
    /// <summary>
    /// Adds one <see cref="FlowClient"/> for the whole program. Its time is the program's <see cref="TimeProvider"/> where there is one.
    /// Options are checked when the client is first asked for.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Says where to call and how.</param>
    public static IServiceCollection AddFlowClient(this IServiceCollection services, Action<FlowClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddFlowClient((_, options) => configure(options));
    }

    /// <inheritdoc cref="AddFlowClient(IServiceCollection, Action{FlowClientOptions})"/>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Says where to call and how, with the help of other services.</param>
    public static IServiceCollection AddFlowClient(this IServiceCollection services, Action<IServiceProvider, FlowClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddSingleton(provider =>
        {
            var options = new FlowClientOptions { Time = provider.GetService<TimeProvider>() ?? TimeProvider.System };
            configure(provider, options);
            return new FlowClient(options);
        });
    }
}
