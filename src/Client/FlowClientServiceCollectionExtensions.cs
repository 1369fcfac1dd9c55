using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OrleansFlow.Client;

/// <summary>Puts the client into a program's services.</summary>
public static class FlowClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="FlowClient"/> for the whole program, of <see cref="FlowClientOptions"/> that are checked when the program starts. They may
    /// be configured in further places, for instance from a section of its configuration. Its time is the program's <see cref="TimeProvider"/> where
    /// there is one.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Says where to call and how; null: other places do.</param>
    public static IServiceCollection AddFlowClient(this IServiceCollection services, Action<FlowClientOptions>? configure = null) =>
        services.AddFlowClient((_, options) => configure?.Invoke(options));

    /// <inheritdoc cref="AddFlowClient(IServiceCollection, Action{FlowClientOptions})"/>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Says where to call and how, with the help of other services.</param>
    public static IServiceCollection AddFlowClient(this IServiceCollection services, Action<IServiceProvider, FlowClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<FlowClientOptions>()
            .Configure<IServiceProvider>((options, provider) =>
            {
                options.Time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
                configure(provider, options);
            })
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FlowClientOptions>, Check>());
        services.TryAddSingleton(provider => new FlowClient(provider.GetRequiredService<IOptions<FlowClientOptions>>().Value));
        return services;
    }

    private sealed class Check : IValidateOptions<FlowClientOptions>
    {
        public ValidateOptionsResult Validate(string? name, FlowClientOptions options) =>
            options.Problems().ToList() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}
