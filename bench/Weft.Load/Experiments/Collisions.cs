using Weft.Load.Harness;
using Weft.Retry;

namespace Weft.Load.Experiments;

/// <summary>
/// E5: clients that change one record under optimistic concurrency, and wait after a conflict (Brooker, Exponential Backoff and Jitter): read, write, and from the
/// beginning when somebody wrote meanwhile. Each message takes N(10, 2) ms; base 5 ms, cap 2 s. Only the shipped backoff takes part, beside ways that others choose.
/// </summary>
internal static class Collisions
{
    private const double Base = 5, Cap = 2000;

    /// <summary>Runs it and adds its table and bounds.</summary>
    public static void AddTo(Report report, BenchArgs args)
    {
        const int Clients = 100;
        var repeats = args.Pick(5, 20);
        var chance = new Random(1);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(Base), TimeSpan.FromMilliseconds(Cap), chance);
        var table = new Table($"E5 waits where {Clients} clients collide", "Done after ms", "Writes");
        var full = Row("full jitter (shipped)", (n, _) => backoff.Wait(n).TotalMilliseconds);
        var doubled = Row("doubled", (n, _) => backoff.Span(n).TotalMilliseconds);
        var none = Row("none", (_, _) => 0);
        Row("doubled, half jitter", (n, _) => (backoff.Span(n).TotalMilliseconds / 2) + backoff.Wait(n).TotalMilliseconds / 2);
        Row("decorrelated", (_, last) => Math.Min(Cap, Base + (chance.NextDouble() * ((Math.Max(Base, last) * 3) - Base))));
        report.Tables.Add(table);
        report.Bounds.Add(Bound.AtMost("E5 full jitter: writes against no wait", full.Writes / none.Writes, 0.4, "x"));
        report.Bounds.Add(Bound.AtMost("E5 full jitter: time against waits that only double", full.End / doubled.End, 0.2, "x"));
        report.Notes.Add($"E5: the model of the AWS Architecture Blog, means of {repeats} runs.");

        (double End, double Writes) Row(string name, Func<int, double, double> wait)
        {
            var runs = Enumerable.Range(0, repeats).Select(_ => Contend(Clients, chance, wait)).ToList();
            var (end, writes) = (runs.Average(r => r.End), runs.Average(r => r.Writes));
            table.Row(name, Figures.Short(end), Figures.Short(writes));
            return (end, writes);
        }
    }

    private static (double End, int Writes) Contend(int clients, Random chance, Func<int, double, double> wait)
    {
        var due = new PriorityQueue<Client, (double At, int Id)>();
        foreach (var id in Enumerable.Range(0, clients))
            due.Enqueue(new(id), (Message(chance), id));
        var (version, writes, end) = (0, 0, 0.0);
        while (due.TryDequeue(out var client, out var key))
        {
            if (!client.Writes)
            {
                // The read is at the record: the answer goes back, the write comes.
                (client.Seen, client.Writes) = (version, true);
                due.Enqueue(client, (key.At + Message(chance) + Message(chance), client.Id));
                continue;
            }
            writes++;
            client.Writes = false;
            if (client.Seen == version)
            {
                version++;
                end = key.At + Message(chance);
                continue;
            }
            client.Wait = wait(++client.Conflicts, client.Wait);
            due.Enqueue(client, (key.At + Message(chance) + client.Wait + Message(chance), client.Id));
        }
        return (end, writes);
    }

    private static double Message(Random chance) =>
        Math.Max(0, 10 + (2 * Math.Sqrt(-2 * Math.Log(1 - chance.NextDouble())) * Math.Cos(2 * Math.PI * chance.NextDouble())));

    private sealed class Client(int id)
    {
        public readonly int Id = id;
        public bool Writes;
        public int Seen, Conflicts;
        public double Wait;
    }
}
