using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Contracts;

/// <summary>All that the API consists of, as descriptors. Thread-safe.</summary>
public static class ApiDescriptors
{
    /// <summary>The package of the API: names of services and messages begin with it.</summary>
    public const string Package = "orleansflow.v1";

    private static readonly FileDescriptor[] Imports =
    [
        AnyReflection.Descriptor, DurationReflection.Descriptor, FieldMaskReflection.Descriptor, StructReflection.Descriptor,
        TimestampReflection.Descriptor,
    ];

    /// <summary>The files, each after those that it imports: those of <c>orleansflow.v1</c> and of <c>google.rpc</c>.</summary>
    public static IReadOnlyList<FileDescriptor> Files { get; } =
    [
        StatusReflection.Descriptor, ErrorDetailsReflection.Descriptor,
        TaskReflection.Descriptor, RunReflection.Descriptor, DagReflection.Descriptor, ErrorsReflection.Descriptor,
        DagServiceReflection.Descriptor, RunServiceReflection.Descriptor, TaskServiceReflection.Descriptor,
        AttemptServiceReflection.Descriptor, LogServiceReflection.Descriptor, PoolServiceReflection.Descriptor,
        CapacityServiceReflection.Descriptor, SystemServiceReflection.Descriptor,
    ];

    /// <summary>
    /// The same files with the comments of their sources (<see cref="DescriptorBase.Declaration"/>). They know no generated types: for
    /// documentation and checks, not for reading messages. Read anew with each call.
    /// </summary>
    public static IReadOnlyList<FileDescriptor> ReadWithComments()
    {
        using var stream = typeof(ApiDescriptors).Assembly.GetManifestResourceStream("contracts.protoset")
            ?? throw new InvalidOperationException("this build of OrleansFlow.Contracts lacks its descriptors");
        var commented = FileDescriptorSet.Parser.ParseFrom(stream).File.ToDictionary(file => file.Name);
        var all = Imports.Select(file => file.SerializedData).Concat(Files.Select(file => commented[file.Name].ToByteString()));
        return [.. FileDescriptor.BuildFromByteStrings(all).Skip(Imports.Length)];
    }
}
