using Google.Protobuf;
using Google.Protobuf.Reflection;
using OrleansFlow.Contracts;
using OrleansFlow.Tests.Unit.DagFiles;
using Field = Google.Protobuf.Reflection.FieldDescriptorProto;
using Level = Google.Protobuf.Reflection.MethodOptions.Types.IdempotencyLevel;
using Rule = System.Func<Google.Protobuf.Reflection.FileDescriptor, System.Collections.Generic.IEnumerable<string>>;

namespace OrleansFlow.Tests.Unit.Contracts;

/// <summary>The API follows its conventions, and each of the rules can tell when it does not.</summary>
public class ApiRulesTests
{
    private static readonly Dictionary<string, Rule> Rules = new()
    {
        [nameof(ApiRules.Uncommented)] = ApiRules.Uncommented,
        [nameof(ApiRules.MisspeltNames)] = ApiRules.MisspeltNames,
        [nameof(ApiRules.EnumsWithoutUnspecified)] = ApiRules.EnumsWithoutUnspecified,
        [nameof(ApiRules.NumbersLeftOut)] = ApiRules.NumbersLeftOut,
        [nameof(ApiRules.CommandsWithoutIdentity)] = ApiRules.CommandsWithoutIdentity,
        [nameof(ApiRules.ListsWithoutPages)] = ApiRules.ListsWithoutPages,
        [nameof(ApiRules.UpdatesWithoutMask)] = ApiRules.UpdatesWithoutMask,
        [nameof(ApiRules.SharedRequests)] = ApiRules.SharedRequests,
        [nameof(ApiRules.OddTimes)] = ApiRules.OddTimes,
        [nameof(ApiRules.UnknownReasons)] = ApiRules.UnknownReasons,
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory, MemberData(nameof(Names))]
    public void TheApi_FollowsTheRule(string rule) => ApiDescriptors.ReadWithComments().SelectMany(Rules[rule]).ShouldBeEmpty();

    [Theory]
    [InlineData(nameof(ApiRules.Uncommented), 11)]
    [InlineData(nameof(ApiRules.MisspeltNames), 4)]
    [InlineData(nameof(ApiRules.EnumsWithoutUnspecified), 1)]
    [InlineData(nameof(ApiRules.NumbersLeftOut), 2)]
    [InlineData(nameof(ApiRules.CommandsWithoutIdentity), 3)]
    [InlineData(nameof(ApiRules.ListsWithoutPages), 1)]
    [InlineData(nameof(ApiRules.UpdatesWithoutMask), 1)]
    [InlineData(nameof(ApiRules.SharedRequests), 2)]
    [InlineData(nameof(ApiRules.OddTimes), 1)]
    [InlineData(nameof(ApiRules.UnknownReasons), 1)]
    public void TheRule_FindsWhatBreaksIt(string rule, int times) => Rules[rule](Bad()).Count().ShouldBe(times, string.Join('\n', Rules[rule](Bad())));

    [Fact]
    public void EveryProto_IsPartOfTheApi()
    {
        var folder = GoldenFiles.Folder("src", "Contracts", "proto");
        var protos = Directory.EnumerateFiles(folder, "*.proto", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'));
        ApiDescriptors.Files.Select(file => file.Name).ShouldBe(protos, ignoreOrder: true);
        ApiDescriptors.Files.Where(file => file.Package != ApiDescriptors.Package && file.Package != "google.rpc").ShouldBeEmpty();
    }

    [Fact]
    public void DescriptorsWithComments_AreThoseOfTheMessages() =>
        ApiSurface.Of(ApiDescriptors.ReadWithComments().Select(file => file.ToProto())).Select(line => line.Key)
            .ShouldBe(ApiSurface.Of(ApiDescriptors.Files.Select(file => file.ToProto())).Select(line => line.Key));

    /// <summary>A file that breaks every rule. One thing in it has a comment.</summary>
    private static FileDescriptor Bad()
    {
        var file = new FileDescriptorProto
        {
            Name = "bad.proto",
            Package = "bad.v1",
            Syntax = "proto3",
            Dependency = { "google/protobuf/timestamp.proto" },
            MessageType =
            {
                new DescriptorProto
                {
                    Name = "ListThings",
                    Field = { Scalar("pageSize", 1), Time("moment", 3), Scalar("request_id", 4) },
                },
                new DescriptorProto { Name = "UpdateThingRequest" },
            },
            EnumType = { new EnumDescriptorProto { Name = "Colour", Value = { Value("RED", 0), Value("COLOUR_BLUE", 2) } } },
            Service =
            {
                new ServiceDescriptorProto
                {
                    Name = "Things",
                    Method =
                    {
                        Method("ListThings", "ListThings", "ListThings", Level.NoSideEffects),
                        Method("UpdateThing", "UpdateThingRequest", "UpdateThingRequest", Level.Idempotent),
                        Method("moveThing", "ListThings", "UpdateThingRequest", Level.IdempotencyUnknown),
                    },
                },
            },
            SourceCodeInfo = new SourceCodeInfo
            {
                Location = { new SourceCodeInfo.Types.Location { Path = { 6, 0, 2, 0 }, Span = { 0, 0, 0 }, LeadingComments = " Lists things.\n Errors: NO_SUCH_THING.\n" } },
            },
        };
        var time = Google.Protobuf.WellKnownTypes.TimestampReflection.Descriptor.SerializedData;
        return FileDescriptor.BuildFromByteStrings([time, file.ToByteString()])[1];
    }

    private static Field Scalar(string name, int number) => new() { Name = name, Number = number, Type = Field.Types.Type.String };

    private static Field Time(string name, int number) =>
        new() { Name = name, Number = number, Type = Field.Types.Type.Message, TypeName = ".google.protobuf.Timestamp" };

    private static EnumValueDescriptorProto Value(string name, int number) => new() { Name = name, Number = number };

    private static MethodDescriptorProto Method(string name, string input, string output, Level level) => new()
    {
        Name = name, InputType = $".bad.v1.{input}", OutputType = $".bad.v1.{output}", Options = new MethodOptions { IdempotencyLevel = level },
    };
}
