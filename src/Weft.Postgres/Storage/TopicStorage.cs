namespace Weft.Postgres.Storage;

/// <summary>The rows and tables of topics.</summary>
internal static class TopicStorage
{
    /// <summary>Finds a topic, and makes it when it is new. A topic that is there keeps its number of shards.</summary>
    public static async ValueTask<PostgresTopic> OpenAsync(PostgresMessageLog log, string name, int shards, CancellationToken cancellation)
    {
        var (database, s) = (log.Database, log.Database.Schema);
        var found = await FindAsync().ConfigureAwait(false);
        if (found.Count == 0)
        {
            await CreateAsync(log, name, shards, cancellation).ConfigureAwait(false);
            found = await FindAsync().ConfigureAwait(false);
        }
        return new PostgresTopic(log, found[0].Id, name, found[0].Shards);

        ValueTask<List<(int Id, int Shards)>> FindAsync() =>
            database.QueryAsync($"select id, shards from {s}.topic where name = $1", row => (row.GetInt32(0), row.GetInt32(1)), cancellation, Arg.Of(name));
    }

    /// <summary>How many messages each shard of some topics had so far.</summary>
    public static ValueTask<List<((int Topic, int Number) Shard, long Head)>> HeadsAsync(Database database, int[] topics, CancellationToken cancellation) => database.QueryAsync(
        $"select topic, shard, head from {database.Schema}.shard where topic = any($1)", row => ((row.GetInt32(0), row.GetInt32(1)), row.GetInt64(2)), cancellation, Arg.Of(topics));

    /// <summary>The statements that make the tables of a topic, but the rows of its shards.</summary>
    public static string CreateTables(string schema, int topic, long now) => $"""
        create table {schema}.log_{topic}(seg int not null, shard int not null, pos bigint not null, at bigint not null, key bytea not null, event bytea not null,
            primary key(shard, pos, seg)) partition by list (seg);
        {CreateSegment(schema, topic, 1)};
        insert into {schema}.segment values({topic}, 1, {now}, null);
        """;

    /// <summary>The statement that makes the table of a segment.</summary>
    public static string CreateSegment(string schema, int topic, int segment) =>
        $"create table {schema}.log_{topic}_{segment} partition of {schema}.log_{topic} for values in ({segment})";

    // Processes that start at once wait for each other, and only the first makes it.
    private static ValueTask<int> CreateAsync(PostgresMessageLog log, string name, int shards, CancellationToken cancellation) => log.Database.RunAsync(async connection =>
    {
        string s = log.Database.Schema;
        var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync($"select pg_advisory_xact_lock(hashtext('weft store {s}'))").ConfigureAwait(false);
            var made = await ExecuteAsync($"insert into {s}.topic(name, shards) values($1, {shards}) on conflict do nothing returning id", Arg.Of(name)).ConfigureAwait(false);
            if (made is int id)
            {
                await ExecuteAsync($"""
                    {CreateTables(s, id, log.Now)}
                    insert into {s}.shard select {id}, n, 0, 0, 1 from generate_series(0, {shards - 1}) n;
                    """).ConfigureAwait(false);
            }
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
        return 0;

        async Task<object?> ExecuteAsync(string sql, params Npgsql.NpgsqlParameter[] parameters)
        {
            var command = new Npgsql.NpgsqlCommand(sql, connection);
            command.Parameters.AddRange(parameters);
            await using (command.ConfigureAwait(false))
                return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
        }
    }, cancellation);
}
