using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weft.EntityFrameworkCore;

namespace Weft;

/// <summary>Adds the tables of outbox and inbox to a model.</summary>
public static class WeftModelExtensions
{
    /// <summary>
    /// Adds <c>weft_outbox</c> and <c>weft_inbox</c>, so that events leave with <c>SaveChanges</c> and migrations make the tables. Call it in
    /// <c>OnModelCreating</c>. Weft makes the tables by itself where no migration has.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="database">The context's <c>Database</c>: its provider says how columns are typed.</param>
    /// <exception cref="NotSupportedException">The provider is neither that of SQLite nor that of PostgreSQL.</exception>
    public static ModelBuilder UseWeftOutbox(this ModelBuilder model, DatabaseFacade database)
    {
        bool postgres = database.ProviderName switch
        {
            "Npgsql.EntityFrameworkCore.PostgreSQL" => true,
            "Microsoft.EntityFrameworkCore.Sqlite" => false,
            var other => throw new NotSupportedException($"Weft has no outbox for {other}. It has one for Microsoft.EntityFrameworkCore.Sqlite and Npgsql.EntityFrameworkCore.PostgreSQL."),
        };
        model.Entity<OutboxEntry>(entry => Map(entry, postgres));
        model.Entity<InboxEntry>(entry =>
        {
            entry.ToTable("weft_inbox").HasKey(e => new { e.Subscription, e.Source, e.Id });
            entry.Property(e => e.Subscription).HasColumnName("subscription");
            entry.Property(e => e.Source).HasColumnName("source");
            entry.Property(e => e.Id).HasColumnName("id");
            entry.Property(e => e.At).HasColumnName("at");
        });
        return model;
    }

    private static void Map(EntityTypeBuilder<OutboxEntry> entry, bool postgres)
    {
        entry.ToTable("weft_outbox").HasKey(e => e.Number);
        entry.Property(e => e.Number).HasColumnName("n").ValueGeneratedOnAdd();
        var id = entry.Property(e => e.Id).HasColumnName("id");
        if (!postgres)
            id.HasConversion<byte[]>();
        id.HasDefaultValueSql(postgres ? "gen_random_uuid()" : "(randomblob(16))");
        if (postgres)
        {
            entry.Property<ulong>("x").HasColumnName("x").HasColumnType("xid8").HasDefaultValueSql("pg_current_xact_id()");
            entry.HasIndex("x", nameof(OutboxEntry.Number)).HasDatabaseName("weft_outbox_x");
        }
        entry.Property(e => e.Topic).HasColumnName("topic");
        entry.Property(e => e.Key).HasColumnName("key");
        entry.Property(e => e.Dedupe).HasColumnName("dedupe");
        entry.Property(e => e.Due).HasColumnName("due");
        entry.Property(e => e.Event).HasColumnName("event");
        if (postgres)
            entry.Property<DateTimeOffset>("at").HasColumnName("at").HasDefaultValueSql("now()");
        else
            entry.Property<long>("at").HasColumnName("at").HasDefaultValueSql("(cast((julianday('now') - 2440587.5) * 86400000 as integer))");
        entry.Property(e => e.Error).HasColumnName("error");
    }
}
