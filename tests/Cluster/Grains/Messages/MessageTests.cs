using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansFlow.Grains.Abstractions.Attempts;
using OrleansFlow.Grains.Messages;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Cluster.Grains.Messages;

public class MessageTests
{
    private static readonly Serializer s_serializer = new ServiceCollection()
        .AddSerializer(serializer => serializer.AddMessages()).BuildServiceProvider().GetRequiredService<Serializer>();

    public static TheoryData<Type> Messages => [.. new[] { typeof(IDag), typeof(IDagRun), typeof(ITaskInstance), typeof(IPool), typeof(IAttemptHost) }
        .SelectMany(Samples.MessagesOf).Distinct().SelectMany(Samples.Concrete).Distinct()];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_ArrivesAsItWasSent(Type type)
    {
        var (full, bare) = (Samples.Of(type, full: true), Samples.Of(type, full: false));
        Send(full).ShouldBeEquivalentTo(full);
        // which kind of empty list it is, is no part of a message
        JsonSerializer.Serialize(Send(bare)).ShouldBe(JsonSerializer.Serialize(bare));
        Send(bare).ShouldBeOfType(type);
    }

    private static object Send(object message) => s_serializer.Deserialize<object>(s_serializer.SerializeToArray<object>(message))!;

    [Fact]
    public void AllKindsOfMessages_AreLookedAt() => Messages.Count.ShouldBeGreaterThan(25);

    [Fact]
    public void AListOfAttempts_ArrivesWithEachAsWhatItIs()
    {
        var statuses = Samples.Concrete(typeof(AttemptStatus)).Select(type => (AttemptStatus)Samples.Of(type, full: true)).ToArray();
        ((AttemptsListed)Send(new AttemptsListed(statuses))).Statuses.ToArray().ShouldBeEquivalentTo(statuses);
        statuses.Length.ShouldBeGreaterThan(4);
    }

    [Fact]
    public void MessagesOfPeers_ArePlain_SoThatLocalCallsCopyNothing()
    {
        var copier = new ServiceCollection().AddSerializer(serializer => serializer.AddMessages()).BuildServiceProvider().GetRequiredService<DeepCopier>();
        var message = new TaskFinished(default, default, 1, 2);
        copier.Copy<object>(message).ShouldBeSameAs(message);
    }

    public static TheoryData<Exception> Errors =>
    [
        new FencedException("taken over"),
        new RejectedException("refused"),
        new PeerUnavailableException("no answer"),
        new RequestReusedException("id", "trigger etl", "cancel run"),
        new StoreException(StoreFailure.Rejected, "no such column"),
        new InvalidOperationException("there is no run"),
        new OperationCanceledException("stopping"),
    ];

    [Theory]
    [MemberData(nameof(Errors))]
    public void Exception_ArrivesAsWhatItIs(Exception thrown)
    {
        var arrived = s_serializer.Deserialize<Exception>(s_serializer.SerializeToArray(thrown));
        arrived!.GetType().ShouldBe(thrown.GetType());
        arrived.Message.ShouldBe(thrown.Message);
        (arrived as StoreException)?.Failure.ShouldBe(((StoreException)thrown).Failure);
    }
}
