using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansFlow.Execution.LocalProcess;
using OrleansFlow.Grains.Hosting;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Silo.Attempts;
using OrleansFlow.Silo.Membership;
using OrleansFlow.Silo.Settings;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Standalone.Serving;
using OrleansFlow.Storage.Postgres.Hosts;

namespace OrleansFlow.Silo.Hosting;

/// <summary>What a silo is made of, and how it is put together.</summary>
internal sealed record SiloBuilding
{
    /// <summary>The connections of Orleans' membership: few, and under a name of their own, since they are none of those that a takeover ends.</summary>
    private const int MembershipConnections = 4;

    /// <summary>What the host was told.</summary>
    public required SiloSettings Settings { get; init; }

    /// <summary>The database.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The host.</summary>
    public required string HostId { get; init; }

    /// <summary>What silos show each other when they connect: one that knows it has read the database.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Its seat.</summary>
    public required ClusterSeat Seat { get; init; }

    /// <summary>The processes of this silo.</summary>
    public required LocalProcessBackend Local { get; init; }

    /// <summary>Executes batches.</summary>
    public required IBatchExecutor Executor { get; init; }

    /// <summary>Loads rows.</summary>
    public required IStateReader Reader { get; init; }

    /// <summary>Where attempts leave what is too large for rows.</summary>
    public required IArtifactReader Artifacts { get; init; }

    /// <summary>The host's log.</summary>
    public required HostJournal Journal { get; init; }

    /// <summary>Hears what the engine has to say: the log, and whoever measures.</summary>
    public required IEngineObserver Observer { get; init; }

    /// <summary>Whether calls between silos carry the caller's trace.</summary>
    public required bool Traced { get; init; }

    /// <summary>Told what ends the silo for good.</summary>
    public required Action<string> Fatal { get; init; }

    /// <summary>The silo; nothing of it runs yet.</summary>
    public IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.AddProvider(new JournalLogs("silo", Journal.Note)).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(Local);
        builder.Services.AddSingleton(Reader);
        builder.Services.AddSingleton(services => new Members(
            services.GetRequiredService<IClusterMembershipService>(), Seat.Epoch, Random.Shared.Next, Journal, TimeProvider.System));
        builder.Services.AddSingleton<AttemptHosts>();
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ClusterId, "orleansflow"));
            silo.Configure<SiloOptions>(options => options.SiloName = SiloName.Of(HostId, Seat.Epoch));
            // No gateway: who is not a silo speaks gRPC. And no other network than the one that was named.
            silo.ConfigureEndpoints(Settings.Address, Settings.Port, 0, listenOnAnyHostAddress: false);
            silo.Configure<ClusterMembershipOptions>(MembershipSettings.Apply);
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = MembershipSettings.ResponseTimeout);
            silo.UseAdoNetClustering(options =>
            {
                options.Invariant = "Npgsql";
                options.ConnectionString = new NpgsqlConnectionStringBuilder(ConnectionString)
                {
                    ApplicationName = "flow-membership",
                    MaxPoolSize = MembershipConnections,
                }.ConnectionString;
            });
            if (Traced) silo.AddActivityPropagation();
            silo.AddGrainService<AttemptHost>();
            silo.AddFlowGrains(Parts);
            silo.Services.AddSingleton<IFatalErrorHandler>(new FatalErrors(Fatal));
        });
        return builder.Build();
    }

    private EngineParts Parts(IServiceProvider services)
    {
        var members = services.GetRequiredService<Members>();
        var backend = new ClusterBackend(
            Local, Local.EndLeftByOthersAsync, Seat.Epoch, () => members.Current, Seat.ListAsync, silo => services.GetRequiredService<AttemptHosts>().At(silo), TimeProvider.System);
        return new EngineParts
        {
            Executor = Executor,
            Reader = Reader,
            Backend = backend,
            FindLeft = backend.FindLeftAsync,
            Artifacts = Artifacts,
            Compile = DagCompiler.Compile,
            Time = TimeProvider.System,
            NewGuid = () => AttemptUid.Of(Guid.NewGuid(), members.HomeOfNext()),
            Observer = Observer,
            SweepInterval = Settings.Server.Host.SweepInterval,
        };
    }
}
