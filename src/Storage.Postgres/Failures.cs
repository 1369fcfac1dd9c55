using Npgsql;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.Postgres;

/// <summary>What a failure of PostgreSQL or of the way to it means to those who wait for a batch.</summary>
internal static class Failures
{
    /// <summary>Translates a failure; null for what is no failure of the store (a cancellation, a defect).</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="committing">Whether the commit was under way: then a lost connection leaves the outcome unknown.</param>
    public static StoreException? Translate(Exception failure, bool committing) => failure switch
    {
        StoreException known => known,
        PostgresException error => Translate(error, committing),
        NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException => committing
            ? new StoreException(StoreFailure.OutcomeUnknown, $"The connection to PostgreSQL was lost while committing: {failure.Message}", failure)
            : Unavailable(failure),
        // a connection that breaks under us can show as a disposed one
        ObjectDisposedException => committing
            ? new StoreException(StoreFailure.OutcomeUnknown, "The connection to PostgreSQL was closed while committing.", failure)
            : Unavailable(failure),
        // text that is not Unicode, numbers out of range: what cannot even be sent
        ArgumentException or FormatException or InvalidCastException =>
            new StoreException(StoreFailure.Rejected, $"A row cannot be written: {failure.Message}", failure),
        _ => null,
    };

    private static StoreException Translate(PostgresException error, bool committing)
    {
        var endsSession = error.Severity is "FATAL" or "PANIC" || error.SqlState.StartsWith("57P", StringComparison.Ordinal);
        if (endsSession || error.SqlState.StartsWith("08", StringComparison.Ordinal))
            return committing
                ? new StoreException(StoreFailure.OutcomeUnknown, $"PostgreSQL ended the session while committing: {error.MessageText}", error)
                : Unavailable(error);
        return error.SqlState switch
        {
            PostgresErrorCodes.UniqueViolation => new StoreException(
                StoreFailure.UniqueViolation, $"{error.ConstraintName} is taken: {error.Detail ?? error.MessageText}", error),
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
                or PostgresErrorCodes.QueryCanceled => new StoreException(StoreFailure.Contention, error.MessageText, error),
            PostgresErrorCodes.ReadOnlySqlTransaction => Unavailable(error),
            _ when error.SqlState.StartsWith("53", StringComparison.Ordinal) || error.SqlState.StartsWith("58", StringComparison.Ordinal) =>
                Unavailable(error),
            _ => new StoreException(StoreFailure.Rejected, $"{error.MessageText} ({error.SqlState}) {error.Detail}".TrimEnd(), error),
        };
    }

    private static StoreException Unavailable(Exception failure) =>
        new(StoreFailure.Unavailable, $"PostgreSQL cannot be reached or cannot work: {failure.Message}", failure);
}
