using System.Data.Common;

namespace Weft.EventBus;

/// <summary>A statement in a transaction of the app, whatever its database is.</summary>
internal static class AppCommand
{
    /// <summary>Runs it and says how many rows it touched.</summary>
    /// <exception cref="ArgumentException">The transaction has ended.</exception>
    public static async ValueTask<int> RunAsync(DbTransaction transaction, string sql, CancellationToken cancellation, params (string Name, object? Value)[] parameters)
    {
        var connection = transaction.Connection ?? throw new ArgumentException("The transaction has ended. Use it before it is committed.", nameof(transaction));
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            (command.Transaction, command.CommandText) = (transaction, sql);
            foreach (var (name, value) in parameters)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
                command.Parameters.Add(parameter);
            }
            return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
    }
}
