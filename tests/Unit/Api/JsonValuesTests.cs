using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Stored JSON, as clients get it.</summary>
public sealed class JsonValuesTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"b":[1,-0.5,1e300,9007199254740993],"a":{"x":null,"y":[true,false],"z":"ö 😀 \u0001"}}""")]
    public void WhatTheTypesCanCarry_IsCarried(string json) => JsonValues.ToStruct(json).ShouldBe(Struct.Parser.ParseJson(json));

    [Theory]
    [InlineData("1e400")]
    [InlineData("-1e400")]
    [InlineData("\"\\ud83d\"")]
    [InlineData("""{"\udc00":1}""")]
    public void WhatTheTypesCannotCarry_GoesAsItsText(string json)
    {
        JsonValues.ToValue(json).ShouldBe(Value.ForString(json));
        JsonValues.ToStruct($$"""{"x":[{{json}}]}""")!.Fields["x"].ListValue.Values.ShouldHaveSingleItem().ShouldBe(Value.ForString(json));
    }

    [Fact]
    public void WhatIsTooDeep_GoesAsItsText_AndClientsCanReadTheListWithIt()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"a":[""", 300)) + string.Concat(Enumerable.Repeat("]}", 300));
        var list = new ListRunsResponse { Runs = { new Run { Name = "runs/deep", Params = JsonValues.ToStruct(deep) }, new Run { Name = "runs/next" } } };

        var read = ListRunsResponse.Parser.ParseFrom(list.ToByteArray());

        read.ShouldBe(list);
        read.Runs[0].ToString().ShouldContain("[{\\\"a\\\":[", customMessage: "the rest of it is there as text");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void NothingStored_IsNothing(string? json) => (JsonValues.ToStruct(json), JsonValues.ToValue(json)).ShouldBe((null, null));
}
