using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Tests.Unit.Contracts;

/// <summary>The messages of errors are on the wire what other clients of <c>google.rpc</c> expect.</summary>
public class ErrorTests
{
    [Fact]
    public void Details_HaveTheNamesThatOtherClientsKnow()
    {
        IMessage[] details = [new BadRequest(), new ErrorInfo(), new ResourceInfo(), new PreconditionFailure(), new RetryInfo(), new InvalidDag()];
        details.Select(detail => Any.Pack(detail).TypeUrl).ShouldBe(
        [
            "type.googleapis.com/google.rpc.BadRequest", "type.googleapis.com/google.rpc.ErrorInfo",
            "type.googleapis.com/google.rpc.ResourceInfo", "type.googleapis.com/google.rpc.PreconditionFailure",
            "type.googleapis.com/google.rpc.RetryInfo", "type.googleapis.com/orleansflow.v1.InvalidDag",
        ]);
    }

    /// <summary>The bytes are written by hand, from the numbers and types that the guides give.</summary>
    [Fact]
    public void AStatus_IsTheBytesThatTheGuidesGive()
    {
        var info = new ErrorInfo { Reason = "A", Domain = "d", Metadata = { ["k"] = "v" } };
        Hex(info).ShouldBe("0A0141" + "120164" + "1A06" + "0A016B" + "120176");
        var bad = new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = "f", Description = "d", Reason = "R" } } };
        Hex(bad).ShouldBe("0A09" + "0A0166" + "120164" + "1A0152");
        Hex(new ResourceInfo { ResourceType = "t", ResourceName = "n", Owner = "o", Description = "d" })
            .ShouldBe("0A0174" + "12016E" + "1A016F" + "220164");
        var precondition = new PreconditionFailure { Violations = { new PreconditionFailure.Types.Violation { Type = "t", Subject = "s", Description = "d" } } };
        Hex(precondition).ShouldBe("0A09" + "0A0174" + "120173" + "1A0164");
        Hex(new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) }).ShouldBe("0A02" + "0805");
        Hex(new Status { Code = 3, Message = "m", Details = { new Any { TypeUrl = "u" } } }).ShouldBe("0803" + "12016D" + "1A03" + "0A0175");
    }

    [Fact]
    public void EveryReason_SaysItsCode_BeforeAnythingElse()
    {
        string[] codes =
        [
            "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "UNIMPLEMENTED", "UNAUTHENTICATED", "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED", "UNAVAILABLE", "OUT_OF_RANGE", "INTERNAL", "DEADLINE_EXCEEDED",
        ];
        OrleansFlow.Contracts.ApiDescriptors.ReadWithComments().SelectMany(file => file.EnumTypes).Single(type => type.Name == "ErrorReason").Values
            .Where(value => value.Number != 0 && !codes.Contains(value.Declaration!.LeadingComments.Split(':')[0].Trim()))
            .Select(value => value.Name)
            .ShouldBeEmpty();
    }

    private static string Hex(IMessage message) => Convert.ToHexString(message.ToByteArray());
}
