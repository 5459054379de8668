using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Weft.Samples.Shop;

/// <summary>The database of this service: what there is of each item, and what each order has taken and given back.</summary>
internal sealed class StockDb(string file)
{
    public async Task CreateAsync()
    {
        await using var connection = await OpenAsync();
        await RunAsync(connection, null, """
            pragma journal_mode = wal;
            create table if not exists stock(item text primary key, available integer not null);
            create table if not exists movements(order_id text not null, item text not null, change integer not null);
            create index if not exists movements_order on movements(order_id);
            insert or ignore into stock values('chair', 1000), ('table', 100), ('lamp', 3);
            """);
    }

    public async Task<SqliteConnection> OpenAsync(CancellationToken cancellation = default)
    {
        var connection = new SqliteConnection($"Data Source={file}");
        await connection.OpenAsync(cancellation);
        return connection;
    }

    public async Task<long?> AvailableAsync(string item)
    {
        await using var connection = await OpenAsync();
        return await AskAsync<long?>(connection, null, "select available from stock where item = $1", item);
    }

    /// <summary>Takes from the stock for an order, or says that there is not enough.</summary>
    public static async Task<bool> TakeAsync(DbTransaction transaction, string order, string item, int quantity)
    {
        if (await RunAsync(transaction.Connection!, transaction, "update stock set available = available - $2 where item = $1 and available >= $2", item, quantity) == 0)
            return false;
        await RunAsync(transaction.Connection!, transaction, "insert into movements values($1, $2, -$3)", order, item, quantity);
        return true;
    }

    /// <summary>Gives back what an order has taken, if it has.</summary>
    public static async Task GiveBackAsync(DbTransaction transaction, string order)
    {
        var connection = transaction.Connection!;
        if (await AskAsync<string>(connection, transaction, "select item from movements where order_id = $1", order) is not { } item)
            return;
        long taken = -await AskAsync<long>(connection, transaction, "select sum(change) from movements where order_id = $1", order);
        await RunAsync(connection, transaction, "update stock set available = available + $2 where item = $1", item, taken);
        await RunAsync(connection, transaction, "insert into movements values($1, $2, $3)", order, item, taken);
    }

    private static async Task<int> RunAsync(DbConnection connection, DbTransaction? transaction, string sql, params object[] values)
    {
        await using var command = Command(connection, transaction, sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<T?> AskAsync<T>(DbConnection connection, DbTransaction? transaction, string sql, params object[] values)
    {
        await using var command = Command(connection, transaction, sql, values);
        return (T?)await command.ExecuteScalarAsync();
    }

    private static DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql, object[] values)
    {
        var command = connection.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, sql);
        for (int i = 0; i < values.Length; i++)
            command.Parameters.Add(new SqliteParameter($"${i + 1}", values[i]));
        return command;
    }
}
