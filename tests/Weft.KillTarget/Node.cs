using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Weft.EventBus;
using Weft.Messages;

namespace Weft.KillTarget;

/// <summary>
/// One of several processes on one PostgreSQL store. Arguments: the URL of the store, the connection string for the effects of the handler, a number
/// that no other start has, how many publishers, how many keys, milliseconds between two events of a publisher, and whether some first tries fail.
/// Says what it does, one line each, with the time. A line on its input ends the publishing, the end of its input stops it cleanly.
/// </summary>
internal static class Node
{
    private static readonly Lines s_said = new();

    public static async Task RunAsync(string[] args)
    {
        var (url, effects, start) = (args[0], args[1], Number(args[2]));
        var (publishers, keys, pause, fails) = (Number(args[3]), Number(args[4]), Number(args[5]), bool.Parse(args[6]));
        await using var source = NpgsqlDataSource.Create(effects);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Critical);
        builder.AddWeft(weft => weft
            .UsePostgres(url)
            .Topic("orders")
            .Handler("bill", (message, delivery, cancellation) => HandleAsync(message, delivery, source, start, fails, cancellation))
            .Subscription("billing", new()
            {
                From = "orders",
                Handler = "bill",
                Start = "beginning",
                // Kills at random may well hit one event three times.
                Dead = new() { Crashes = 100 },
                Retry = new() { Now = 0, Base = TimeSpan.FromMilliseconds(200), Cap = TimeSpan.FromSeconds(1) },
            }));
        using var host = builder.Build();
        await host.StartAsync();
        s_said.AddTimed("started", "0 0 0");

        using var quiet = new CancellationTokenSource();
        var publisher = host.Services.GetRequiredService<IPublisher>();
        var publishing = Enumerable.Range(0, publishers).Select(p => PublishAsync(publisher, (start * 100) + p, keys, pause, quiet.Token)).ToArray();
        if (await Console.In.ReadLineAsync() is not null)
        {
            await quiet.CancelAsync();
            await Task.WhenAll(publishing);
            s_said.AddTimed("quiet", "0 0 0");
            await Console.In.ReadToEndAsync();
        }
        await quiet.CancelAsync();
        await Task.WhenAll(publishing);
        await host.StopAsync();
    }

    // What it does is guarded by the position: an effect that is older than the last one of its key is refused by the table itself. So a handler
    // that was stopped in the middle and goes on when another has its shard changes nothing.
    private static async ValueTask HandleAsync(Message message, DeliveryContext delivery, NpgsqlDataSource source, int start, bool fails, CancellationToken cancellation)
    {
        string subject = message.Subject!;
        s_said.AddTimed("deliver", subject);
        string end = "fail";
        try
        {
            string[] parts = subject.Split(' ');
            long sequence = long.Parse(parts[2], CultureInfo.InvariantCulture);
            while (message.Type == "Gate" && !await IsOpenAsync(source, start))
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
            if (sequence % 100 == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellation);
            if (fails && delivery.Attempt == 1 && sequence % 10 == 7)
                throw new InvalidOperationException("The first try fails.");
            await using var command = source.CreateCommand("""
                with moved as (
                    insert into effects.last values($1, $2) on conflict (key) do update set position = excluded.position where last.position < excluded.position returning key)
                insert into effects.done(key, position, subject, start) select key, $2, $3, $4 from moved
                """);
            foreach (object value in (object[])[parts[0], delivery.Position, subject, start])
                command.Parameters.Add(new() { Value = value });
            // The one that waited for its gate does not heed its token.
            bool isFirst = await command.ExecuteNonQueryAsync(message.Type == "Gate" ? default : cancellation) > 0;
            end = isFirst ? "done" : "refused";
        }
        finally
        {
            s_said.AddTimed(end, subject);
        }
    }

    private static async Task<bool> IsOpenAsync(NpgsqlDataSource source, int start)
    {
        await using var command = source.CreateCommand("select 1 from effects.gate where start = $1");
        command.Parameters.Add(new() { Value = start });
        return await command.ExecuteScalarAsync() is not null;
    }

    private static async Task PublishAsync(IPublisher publisher, int number, int keys, int pause, CancellationToken quiet)
    {
        await Task.Yield();
        for (int sequence = 1; !quiet.IsCancellationRequested; sequence++)
        {
            int key = ((number * 7) + sequence) % keys;
            string subject = string.Create(CultureInfo.InvariantCulture, $"{key} {number} {sequence}");
            s_said.AddTimed("publish", subject);
            try
            {
                await publisher.PublishAsync("orders", Message.CreateBytes("OrderCreated", "/kill", new byte[200], "application/octet-stream", subject: subject, partitionKey: $"{key}"), CancellationToken.None);
                s_said.AddTimed("published", subject);
            }
            catch (Exception e) when (e is Flows.LogException)
            {
                s_said.AddTimed("unknown", subject);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(pause), TimeProvider.System, CancellationToken.None);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
