using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Grains.Messages;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.Conformance.Behaviour;

namespace OrleansFlow.Tests.Cluster.Grains.Messages;

/// <summary>
/// Two releases in one cluster. The contracts are of one build, but their shape on the wire is not: the newer silo's messages all have a
/// member that nobody else knows, and the older silo neither sends nor knows one of the optional members of each.
/// </summary>
public class MixedReleaseTests
{
    private const string OlderSilo = "Silo_0";

    [Fact]
    public async Task SilosOfTwoReleases_BringRunsToTheirEnds()
    {
        var shapes = new Shapes();
        var silos = new TestSilos().With((options, silo) => silo.Services.PostConfigure<JsonCodecOptions>(json =>
            json.SerializerOptions = options.SiloName == OlderSilo ? shapes.Older : shapes.Newer));
        await silos.InitializeAsync();
        try
        {
            var scene = await Scene.ApplyAsync(silos, "mixed",
                """
                tasks:
                  a: { command: [until, "2"], retries: 1, retry_delay: 1ms }
                  many: { needs: [a], map: { over: [1, 2, 3, 4, 5, 6, 7, 8] }, command: [ok] }
                  last: { needs: [many], command: [wait] }
                """);
            for (var i = 0; i < 6; i++)
            {
                var run = await scene.TriggerAsync();
                await scene.UntilRunningAsync(run, "last");
                if (i % 2 == 0) await silos.PeersOf(i / 2 % 2).Run(run).CancelAsync(new CancelRun(), default);
                else scene.Backend.Finish(Scene.Task(run, "last"));
                (await scene.EndAsync(run)).Run.State.ShouldBe(i % 2 == 0 ? RunState.Cancelled : RunState.Success);
            }

            silos.Defects.ShouldBeEmpty();
        }
        finally
        {
            await silos.DisposeAsync();
        }

        // Else this would have been the cluster of one release.
        shapes.Unknown.ShouldBeGreaterThan(0);
        shapes.LeftOut.ShouldBeGreaterThan(0);
    }

    private sealed class Shapes
    {
        private int _unknown;
        private int _leftOut;

        public Shapes()
        {
            Newer = With(AddMember);
            Older = With(LeaveMemberOut);
        }

        public JsonSerializerOptions Newer { get; }

        public JsonSerializerOptions Older { get; }

        /// <summary>How often the newer silo wrote the member that the older one does not know.</summary>
        public int Unknown => _unknown;

        /// <summary>How many types lack a member at the older silo.</summary>
        public int LeftOut => _leftOut;

        private static JsonSerializerOptions With(Action<JsonTypeInfo> change) => new()
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver
            {
                Modifiers =
                {
                    info =>
                    {
                        if (info.Kind == JsonTypeInfoKind.Object && MessageTypes.Includes(info.Type)) change(info);
                    },
                },
            },
        };

        private void AddMember(JsonTypeInfo info)
        {
            var added = info.CreateJsonPropertyInfo(typeof(string), "AddedByALaterRelease");
            added.Get = _ =>
            {
                Interlocked.Increment(ref _unknown);
                return "unknown to others";
            };
            info.Properties.Add(added);
        }

        private void LeaveMemberOut(JsonTypeInfo info)
        {
            string[] optional = ["Note", "Detail", "Evidence", "Why", "Changed", "Node", "Asked", "MapItem"];
            if (info.Properties.FirstOrDefault(property => !property.IsRequired && optional.Contains(property.Name)) is not { } gone) return;
            // The constructor of a record cannot lose a parameter; under a name that nobody writes it is never set.
            Interlocked.Increment(ref _leftOut);
            gone.ShouldSerialize = (_, _) => false;
            gone.Name = "MissingInAnEarlierRelease";
        }
    }
}
