using System.Globalization;
using Npgsql;

namespace Weft.Postgres.Storage;

/// <summary>The layout of a store and its version.</summary>
internal static class Schema
{
    /// <summary>What this Weft writes, and the newest that it reads.</summary>
    public const int Version = 3;

    /// <summary>Raised by <c>fence</c>: another reader has the shard.</summary>
    public const string LostState = "WF001";

    /// <summary>Makes the store when it is not there, and checks its version. Processes that start at once wait for each other.</summary>
    public static async ValueTask PrepareAsync(Database database, CancellationToken cancellation)
    {
        string schema = database.Schema;
        int version = await database.RunAsync(async connection =>
        {
            var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                await RunAsync(connection, $"select pg_advisory_xact_lock(hashtext('weft store {schema}'))", cancellation).ConfigureAwait(false);
                if (await RunAsync(connection, $"select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{schema}' and c.relname = 'meta'", cancellation).ConfigureAwait(false) is null)
                    await RunAsync(connection, Create(schema), cancellation).ConfigureAwait(false);
                await RunAsync(connection, Upgrade(schema), cancellation).ConfigureAwait(false);
                var found = await RunAsync(connection, $"select value from {schema}.meta where key = 'version'", cancellation).ConfigureAwait(false);
                await transaction.CommitAsync(cancellation).ConfigureAwait(false);
                return int.Parse((string?)found ?? "0", CultureInfo.InvariantCulture);
            }
        }, cancellation).ConfigureAwait(false);
        if (version is < 1 or > Version)
            throw PostgresErrors.NewerVersion(database.Name, version, Version);
    }

    /// <summary>The version of a store; null when there is none. Changes nothing.</summary>
    public static async ValueTask<int?> FindVersionAsync(Database database, CancellationToken cancellation)
    {
        var there = await database.QueryAsync($"select to_regclass('{database.Schema}.meta') is not null", row => row.GetBoolean(0), cancellation).ConfigureAwait(false);
        if (!there[0])
            return null;
        var found = await database.QueryAsync($"select value from {database.Schema}.meta where key = 'version'", row => int.Parse(row.GetString(0), CultureInfo.InvariantCulture), cancellation).ConfigureAwait(false);
        return found is [var version and >= 1 and <= Version] ? version : throw PostgresErrors.NewerVersion(database.Name, found.FirstOrDefault(), Version);
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Raised by <c>checkpoint</c>: somebody else has gone on. Of the class of data errors, so that it is the fault of one caller.</summary>
    public const string MovedState = "22WF2";

    // What version 2 adds: up to where messages may be worked on. What version 3 adds: what processes ask of each other, and how far those are that feed the log
    // from outside.
    private static string Upgrade(string s) => $"""
        do $do$ begin
            if (select value from {s}.meta where key = 'version') = '1' then
                alter table {s}.cursor add column mark bigint not null default 0;
                drop function {s}.fence(int, int, bigint, bigint, bytea, bigint);
                {Fence(s)}
            end if;
            if (select value from {s}.meta where key = 'version') in ('1', '2') then
                {Asks(s)}
                {Checkpoint(s)}
                update {s}.meta set value = '3' where key = 'version';
            end if;
        end $do$
        """;

    // Texts of parked messages are bytes, because a text of the server cannot have a zero in it.
    private static string Create(string s) => $"""
        create schema if not exists {s};
        create table {s}.meta(key text primary key, value text not null);
        insert into {s}.meta values('version', '{Version}');
        create table {s}.topic(id int generated always as identity primary key, name text not null unique, shards int not null);
        create table {s}.shard(topic int not null, shard int not null, head bigint not null, trimmed bigint not null, seg int not null,
            primary key(topic, shard)) with (fillfactor = 50);
        create table {s}.segment(topic int not null, seg int not null, begun bigint not null, ended bigint, primary key(topic, seg));
        create table {s}.segment_end(topic int not null, seg int not null, shard int not null, last bigint not null, primary key(topic, seg, shard));
        create table {s}.sub(id int generated always as identity primary key, name text not null unique, topic int not null);
        create table {s}.cursor(sub int not null, shard int not null, low bigint not null, above bytea, updated bigint not null,
            epoch bigint not null default 0, owner uuid, lease_until timestamptz, mark bigint not null default 0, primary key(sub, shard)) with (fillfactor = 50);
        create table {s}.reader(sub int not null, node uuid not null, seen timestamptz not null, primary key(sub, node)) with (fillfactor = 50);
        create table {s}.parked(sub int not null, shard int not null, pos bigint not null, state smallint not null, key bytea not null, due bigint not null,
            attempts int not null, first_at bigint not null, last_at bigint not null, reason bytea, detail bytea, event bytea not null, notes bytea not null, primary key(sub, pos));
        create index parked_state on {s}.parked(sub, state, pos);
        create index parked_due on {s}.parked(sub, due, pos) where state = 0;
        create index parked_key on {s}.parked(sub, key, pos);
        create table {s}.timer(token text primary key, due bigint not null, topic int not null, shard int not null, key bytea not null, event bytea not null);
        create index timer_due on {s}.timer(topic, due, token);
        create table {s}.seen(topic int not null, id bytea not null, until bigint not null, pos bigint not null, primary key(topic, id));
        create index seen_until on {s}.seen(topic, until);
        {Asks(s)}
        {Functions(s)}
        """;

    private static string Asks(string s) =>
        $"create table {s}.ask(id uuid primary key, sub int not null, shard int not null, at timestamptz not null default now(), request bytea not null, answer bytea);";

    // The row lock of the shard comes first, in a statement of its own: what follows sees all that was committed before, and whoever
    // comes next waits for our commit. So positions have no gaps and follow the order of commits.
    private static string Functions(string s) => $"""
        create function {s}.append(t int, sh int, at bigint, keys bytea[], events bytea[], ids bytea[], untils bigint[], notifies boolean)
        returns bigint[] language plpgsql as $$
        declare
            h bigint; g int; p bigint; result bigint[] := array[]::bigint[];
        begin
            select head, seg into h, g from {s}.shard where topic = t and shard = sh for update;
            if ids is null then
                execute format('insert into {s}.log_%s_%s(seg, shard, pos, at, key, event) select $1, $2, $3 + i, $4, k, e from unnest($5, $6) with ordinality as b(k, e, i)', t, g)
                    using g, sh, h, at, keys, events;
                result := array[h + 1];
                h := h + cardinality(events);
            else
                for i in 1 .. cardinality(events) loop
                    p := (sh::bigint << 44) + h + 1;
                    if ids[i] is not null then
                        insert into {s}.seen as old values(t, ids[i], untils[i], p)
                            on conflict (topic, id) do update set until = excluded.until, pos = excluded.pos where old.until <= at;
                        if not found then
                            select pos into p from {s}.seen where topic = t and id = ids[i];
                            result := result || p;
                            continue;
                        end if;
                    end if;
                    h := h + 1;
                    execute format('insert into {s}.log_%s_%s(seg, shard, pos, at, key, event) values($1, $2, $3, $4, $5, $6)', t, g)
                        using g, sh, h, at, keys[i], events[i];
                    result := result || p;
                end loop;
            end if;
            update {s}.shard set head = h where topic = t and shard = sh;
            if notifies then
                perform pg_notify('{s}', t || ':' || sh || ':' || h);
            end if;
            return h || result;
        end $$;

        create function {s}.release(t int, tokens text[], at bigint) returns bigint[] language plpgsql as $$
        declare
            token_ text; r record; heads bigint[]; touched int[] := array[]::int[]; result bigint[] := array[]::bigint[];
        begin
            foreach token_ in array tokens loop
                delete from {s}.timer where token = token_ and topic = t returning shard, key, event into r;
                if found then
                    perform {s}.append(t, r.shard, at, array[r.key], array[r.event], null, null, false);
                    touched := touched || r.shard;
                end if;
            end loop;
            for r in select shard, head from {s}.shard where topic = t and shard = any(touched) loop
                perform pg_notify('{s}', t || ':' || r.shard || ':' || r.head);
                result := result || ((r.shard::bigint << 44) + r.head);
            end loop;
            return result;
        end $$;

        {Fence(s)}
        {Checkpoint(s)}
        """;

    private static string Checkpoint(string s) => $"""
        create table {s}.checkpoint(name text primary key, value bytea not null);
        create function {s}.set_checkpoint(n text, v bytea, expected bytea) returns void language plpgsql as $$
        begin
            if expected = '' then
                insert into {s}.checkpoint values(n, v) on conflict do nothing;
            else
                update {s}.checkpoint set value = v where name = n and value = expected;
            end if;
            if not found then
                raise exception 'somebody else has gone on' using errcode = '{MovedState}';
            end if;
        end $$;
        """;

    private static string Fence(string s) => $"""
        create function {s}.fence(c int, sh int, e bigint, l bigint, a bytea, at bigint, m bigint) returns void language plpgsql as $$
        begin
            update {s}.cursor set low = coalesce(l, low), above = case when l is null then above else a end, updated = coalesce(at, updated), mark = coalesce(m, mark)
                where sub = c and shard = sh and epoch = e;
            if not found then
                raise exception 'another reader has it' using errcode = '{LostState}';
            end if;
        end $$;
        """;
}
