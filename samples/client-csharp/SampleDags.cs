using OrleansFlow.Client.Dags;

namespace ClientSample;

/// <summary>The DAG files of the other samples, written in C#: the same DAGs, the same versions.</summary>
internal static class SampleDags
{
    /// <summary><c>samples/hello/dag.yaml</c>.</summary>
    public static DagDefinition Hello() => Dag.Create("hello")
        .Param("name", p => p.Text().Default("world"))
        .Task("greet", t => t.Script("echo hello {{ params.name | sh }} | tee \"$FLOW_OUTPUTS/greeting.txt\""))
        .Task("count", t => t
            .Needs("greet")
            .Input("greeting", "greet/greeting.txt")
            .Script("wc -c < \"$FLOW_INPUTS/greeting\"")
            .Retries(2)
            .RetryDelay(TimeSpan.FromSeconds(10)))
        .Build();

    /// <summary><c>samples/credit-default/dag.yaml</c>.</summary>
    public static DagDefinition CreditDefault() => Dag.Create("credit_default_pipeline")
        .Description("Retrains the credit default model")
        .Docs("""
            Reads the bank's loans, trains a random forest that predicts which of them default, and measures it on loans
            that the training has not seen. Every task is a plain Python program: see `tasks.py`.

            The bank's database is the connection `credit_db`: set `FLOW_CONN_CREDIT_DB` where the host runs.

            """)
        .Tags("ml", "credit")
        .Owner("risk")
        .Every(TimeSpan.FromDays(10))
        .Start(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero))
        .Catchup(false)
        .MaxActiveRuns(1)
        .Param("bucket", p => p.Text().Default("ml-artifacts"))
        .Param("slow_training_seconds", p => p.Whole().AtLeast(0).Default(0))
        .Env("PYTHONUNBUFFERED", "1")
        .Defaults(t => t
            .Retries(3)
            .RetryDelay(TimeSpan.FromMinutes(5))
            .Timeout(TimeSpan.FromHours(2))
            .GracePeriod(TimeSpan.FromSeconds(30))
            .Resources(cpu: "500m", memory: "1Gi", cpuLimit: "1", memoryLimit: "2Gi"))
        .Task("create_bucket", t => t.Command("/usr/bin/python3", "tasks.py", "create_bucket").Outputs("bucket.json"))
        .Task("fetch_data", t => t
            .Needs("create_bucket")
            .Connections("credit_db")
            .Command("/usr/bin/python3", "tasks.py", "fetch_data")
            .Outputs("loans.csv"))
        .Task("train_model", t => t
            .Input("loans.csv", "fetch_data/loans.csv")
            .Env("DEMO_TRAIN_SECONDS", "{{ params.slow_training_seconds }}")
            .Command("/usr/bin/python3", "tasks.py", "train_model")
            .Outputs("model.pkl", "test.csv"))
        .Task("evaluate_model", t => t
            .Input("model.pkl", "train_model/model.pkl")
            .Input("test.csv", "train_model/test.csv")
            .Command("/usr/bin/python3", "tasks.py", "evaluate_model")
            .Outputs("metrics.json"))
        .Build();
}
