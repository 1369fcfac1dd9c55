namespace OrleansFlow.Client.Dags;

/// <summary>Begins DAGs that are written in C#.</summary>
public static class Dag
{
    /// <summary>
    /// Begins a DAG. It means the same as a DAG file with the same words: it is judged by the same rules, and gives the same canonical JSON
    /// and so the same version.
    /// </summary>
    /// <param name="id">The DAG's id, unique in an installation.</param>
    public static DagBuilder Create(string id) => new(id);
}
