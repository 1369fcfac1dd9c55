using Orleans;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Grains.Messages;

/// <summary>A <see cref="StoreException"/> on its way: with the reason, on which callers act.</summary>
[GenerateSerializer]
[Alias("flow.store_exception")]
internal struct StoreExceptionSurrogate
{
    /// <summary>The number of its reason.</summary>
    [Id(0)]
    public int Failure;

    /// <summary>Its message.</summary>
    [Id(1)]
    public string Message;
}

/// <summary>Takes a <see cref="StoreException"/> apart, and makes it again.</summary>
[RegisterConverter]
internal sealed class StoreExceptionConverter : IConverter<StoreException, StoreExceptionSurrogate>
{
    /// <inheritdoc/>
    public StoreException ConvertFromSurrogate(in StoreExceptionSurrogate surrogate) => new((StoreFailure)surrogate.Failure, surrogate.Message);

    /// <inheritdoc/>
    public StoreExceptionSurrogate ConvertToSurrogate(in StoreException value) => new() { Failure = (int)value.Failure, Message = value.Message };
}
