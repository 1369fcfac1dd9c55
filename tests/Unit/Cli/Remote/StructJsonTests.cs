using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Tests.Unit.Cli.Remote;

/// <summary>JSON of the API, as the rows of a database hold it.</summary>
public sealed class StructJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"b":1,"a":[true,false,null,"x"],"c":{"z":{},"y":[]}}""")]
    [InlineData("""{"whole":[0,-0.0,1.0,-7,123456789012345,999999999999999,1000000000000000,9007199254740992]}""")]
    [InlineData("""{"parts":[0.1,-2.5,1e20,1.5e300,5e-324,3.141592653589793,1e-7]}""")]
    [InlineData("""{"text":"\"<&>'+ ö 😀 \u0001 \n \\","😀":"","B":1,"a":2}""")]
    public void IsCanonical(string json)
    {
        var value = Struct.Parser.ParseJson(json);

        var written = CanonicalJson.Write(writer => StructJson.Write(writer, value));

        written.ShouldBe(CanonicalJson.Write(JsonNode.Parse(json)));
    }

    [Fact]
    public void WhatIsNoNumberOfJson_IsAText() =>
        CanonicalJson.Write(writer => StructJson.Write(writer, Value.ForList(Value.ForNumber(double.NaN), Value.ForNumber(double.NegativeInfinity))))
            .ShouldBe("""["NaN","-Infinity"]""");
}
