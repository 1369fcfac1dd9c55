using Google.Protobuf.Reflection;
using Field = Google.Protobuf.Reflection.FieldDescriptorProto;
using Level = Google.Protobuf.Reflection.MethodOptions.Types.IdempotencyLevel;

namespace OrleansFlow.Tests.Unit.Contracts;

/// <summary>The check for breaks finds each kind of them, and lets additions pass.</summary>
public class ApiSurfaceBreakTests
{
    private static readonly Dictionary<string, Action<FileDescriptorProto>> Breaking = new()
    {
        ["package renamed"] = file => file.Package = "shop.v2",
        ["message removed"] = file => file.MessageType.RemoveAt(1),
        ["message renamed"] = file => file.MessageType[1].Name = "Goods",
        ["nested message removed"] = file => Order(file).NestedType.RemoveAt(1),
        ["field removed"] = file => Order(file).Field.RemoveAt(0),
        ["field removed and reserved"] = file => { Order(file).Field.RemoveAt(0); Order(file).ReservedRange.Add(Range(1)); },
        ["field renamed"] = file => Order(file).Field[0].Name = "title",
        ["field renumbered"] = file => Order(file).Field[0].Number = 20,
        ["two numbers swapped"] = file => (Order(file).Field[0].Number, Order(file).Field[1].Number) = (2, 1),
        ["scalar type changed"] = file => Order(file).Field[0].Type = Field.Types.Type.Bytes,
        ["message type changed"] = file => Order(file).Field[1].TypeName = ".shop.v1.Order",
        ["made repeated"] = file => Order(file).Field[0].Label = Field.Types.Label.Repeated,
        ["made optional"] = file => { Order(file).Field[0].Proto3Optional = true; Order(file).Field[0].OneofIndex = 0; },
        ["moved into a oneof"] = file => Order(file).Field[0].OneofIndex = 0,
        ["JSON name changed"] = file => Order(file).Field[0].JsonName = "Name",
        ["map value changed"] = file => Order(file).NestedType[0].Field[1].Type = Field.Types.Type.Int32,
        ["reservation of a number lifted"] = file => Order(file).ReservedRange.Clear(),
        ["reservation of a name lifted"] = file => Order(file).ReservedName.Clear(),
        ["enum removed"] = file => file.EnumType.Clear(),
        ["enum value removed"] = file => file.EnumType[0].Value.RemoveAt(1),
        ["enum value renamed"] = file => file.EnumType[0].Value[1].Name = "SIZE_TINY",
        ["enum value renumbered"] = file => file.EnumType[0].Value[1].Number = 7,
        ["service removed"] = file => file.Service.Clear(),
        ["method removed"] = file => file.Service[0].Method.Clear(),
        ["method renamed"] = file => file.Service[0].Method[0].Name = "Fetch",
        ["request changed"] = file => file.Service[0].Method[0].InputType = ".shop.v1.Order",
        ["response changed"] = file => file.Service[0].Method[0].OutputType = ".shop.v1.Item",
        ["response streams"] = file => file.Service[0].Method[0].ServerStreaming = true,
        ["request streams"] = file => file.Service[0].Method[0].ClientStreaming = true,
        ["no longer safe to repeat"] = file => file.Service[0].Method[0].Options.IdempotencyLevel = Level.IdempotencyUnknown,
    };

    private static readonly Dictionary<string, Action<FileDescriptorProto>> Harmless = new()
    {
        ["nothing"] = _ => { },
        ["another file"] = file => file.Name = "moved.proto",
        ["message added"] = file => file.MessageType.Add(new DescriptorProto { Name = "Invoice" }),
        ["field added"] = file => Order(file).Field.Add(Scalar("note", 9)),
        ["field added to a oneof"] = file => Order(file).Field.Add(Scalar("card", 9, oneof: 0)),
        ["number reserved"] = file => Order(file).ReservedRange.Add(Range(50)),
        ["enum value added"] = file => file.EnumType[0].Value.Add(Value("SIZE_LARGE", 2)),
        ["method added"] = file => file.Service[0].Method.Add(Method("PutItem")),
        ["order of fields changed"] = file => { var first = Order(file).Field[0]; Order(file).Field.RemoveAt(0); Order(file).Field.Add(first); },
    };

    public static TheoryData<string> Breaks => [.. Breaking.Keys];

    public static TheoryData<string> Additions => [.. Harmless.Keys];

    [Theory, MemberData(nameof(Breaks))]
    public void EachKindOfBreak_IsFound(string change) => After(Breaking[change]).ShouldNotBeEmpty();

    [Theory, MemberData(nameof(Additions))]
    public void Additions_AreNone(string change) => After(Harmless[change]).ShouldBeEmpty();

    [Fact]
    public void ABreak_IsToldWithWhatItWas() => After(Breaking["scalar type changed"])
        .ShouldBe(["field shop.v1.Order 1 was 'name: string, JSON name' and is 'name: bytes, JSON name'"]);

    [Fact]
    public void SomethingGone_IsToldWithWhatItWas() => After(Breaking["enum value removed"])
        .ShouldBe(["value shop.v1.Size 1 is gone: it was 'SIZE_SMALL'"]);

    private static IReadOnlyList<string> After(Action<FileDescriptorProto> change)
    {
        var changed = Shop();
        change(changed);
        // by the text, as the committed one is read
        return ApiSurface.Breaks(ApiSurface.Read(ApiSurface.Write(ApiSurface.Of([Shop()]))), ApiSurface.Of([changed]));
    }

    private static FileDescriptorProto Shop() => new()
    {
        Name = "shop.proto",
        Package = "shop.v1",
        MessageType =
        {
            new DescriptorProto
            {
                Name = "Order",
                Field =
                {
                    Scalar("name", 1),
                    new Field { Name = "item", Number = 2, Type = Field.Types.Type.Message, TypeName = ".shop.v1.Item", JsonName = "item" },
                    new Field
                    {
                        Name = "labels", Number = 3, Label = Field.Types.Label.Repeated, Type = Field.Types.Type.Message,
                        TypeName = ".shop.v1.Order.LabelsEntry", JsonName = "labels",
                    },
                    Scalar("cash", 4, oneof: 0),
                },
                NestedType =
                {
                    new DescriptorProto
                    {
                        Name = "LabelsEntry", Field = { Scalar("key", 1), Scalar("value", 2) }, Options = new MessageOptions { MapEntry = true },
                    },
                    new DescriptorProto { Name = "Line" },
                },
                OneofDecl = { new OneofDescriptorProto { Name = "payment" } },
                ReservedRange = { Range(8) },
                ReservedName = { "old" },
            },
            new DescriptorProto { Name = "Item", Field = { Scalar("name", 1) } },
        },
        EnumType = { new EnumDescriptorProto { Name = "Size", Value = { Value("SIZE_UNSPECIFIED", 0), Value("SIZE_SMALL", 1) } } },
        Service = { new ServiceDescriptorProto { Name = "ShopService", Method = { Method("GetOrder") } } },
    };

    private static DescriptorProto Order(FileDescriptorProto file) => file.MessageType[0];

    private static Field Scalar(string name, int number, int? oneof = null)
    {
        var field = new Field { Name = name, Number = number, Type = Field.Types.Type.String, JsonName = name };
        if (oneof is { } index) field.OneofIndex = index;
        return field;
    }

    private static DescriptorProto.Types.ReservedRange Range(int number) => new() { Start = number, End = number + 1 };

    private static EnumValueDescriptorProto Value(string name, int number) => new() { Name = name, Number = number };

    private static MethodDescriptorProto Method(string name) => new()
    {
        Name = name,
        InputType = ".shop.v1.Item",
        OutputType = ".shop.v1.Order",
        Options = new MethodOptions { IdempotencyLevel = Level.NoSideEffects },
    };
}
