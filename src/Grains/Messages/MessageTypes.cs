using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Grains.Abstractions.Attempts;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Grains.Messages;

/// <summary>How the messages of peers travel between silos: plain records, as JSON, so that releases of two ages understand each other.</summary>
public static class MessageTypes
{
    /// <summary>
    /// Adds them to a serializer. A member that the receiver does not know is ignored, and one that the sender did not know has its default: so a
    /// record may grow by members that are not <c>required</c>.
    /// </summary>
    public static ISerializerBuilder AddMessages(this ISerializerBuilder serializer)
    {
        // Exceptions are written with their type, message and trace.
        serializer.Services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add(nameof(OrleansFlow)));
        serializer.Services.AddSingleton<IGeneralizedCopier, MessageCopier>();
        return serializer.AddJsonSerializer(Includes, null);
    }

    /// <summary>Whether a type is, or is part of, a message.</summary>
    internal static bool Includes(Type type) =>
        (type.Assembly == typeof(IPeers).Assembly || type.Assembly == typeof(TaskKey).Assembly || (type.Assembly == typeof(IAttemptHost).Assembly && !type.IsInterface))
        && !typeof(Exception).IsAssignableFrom(type);
}

/// <summary>Messages never change, so that within a silo they are handed on as they are.</summary>
internal sealed class MessageCopier : IGeneralizedCopier, IOptionalDeepCopier
{
    /// <inheritdoc/>
    public bool IsSupportedType(Type type) => MessageTypes.Includes(type);

    /// <inheritdoc/>
    public bool IsShallowCopyable() => true;

    /// <inheritdoc/>
    public object? DeepCopy(object? input, CopyContext context) => input;
}
