using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Npgsql;

namespace Weft.Postgres;

/// <summary>Reads <c>postgres://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE</c>.</summary>
internal static class PostgresUrl
{
    /// <summary>Takes a URL apart.</summary>
    /// <param name="url">The URL; options are those of the driver, and <c>schema</c>, <c>lease</c> and <c>listen</c>.</param>
    /// <param name="options">What it says, without anything else set.</param>
    /// <param name="problem">What is wrong with it. Never shows the password.</param>
    public static bool TryRead(string url, [NotNullWhen(true)] out PostgresLogOptions? options, [NotNullWhen(false)] out string? problem)
    {
        options = null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql") || uri.Host.Length == 0)
        {
            problem = "it is no address such as postgres://user:password@host:5432/database";
            return false;
        }
        var result = new PostgresLogOptions { Connection = new() };
        // A server that is not there must be noticed well before leases run out.
        var builder = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(uri.Host).Trim('[', ']'), Timeout = 5 };
        if (uri.Port > 0)
            builder.Port = uri.Port;
        if (uri.AbsolutePath.Length > 1)
            builder.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.Split('=', 2) is [var n, var v] ? (Uri.UnescapeDataString(n), Uri.UnescapeDataString(v)) : (part, "");
            if (Own(result, name, value, out problem) is { } own)
            {
                result = own;
                continue;
            }
            if (problem is not null)
                return false;
            try
            {
                builder[name switch { "sslmode" => "SSL Mode", "application_name" => "Application Name", "connect_timeout" => "Timeout", _ => name }] =
                    name == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
            }
            catch (Exception e) when (e is ArgumentException or KeyNotFoundException or FormatException or InvalidCastException)
            {
                problem = $"its option '{name}' is not known or cannot be '{value}'";
                return false;
            }
        }
        options = result with { Connection = builder };
        problem = null;
        return true;
    }

    // What is ours and not the driver's. Null for others, and with a problem for what cannot be used.
    private static PostgresLogOptions? Own(PostgresLogOptions options, string name, string value, out string? problem)
    {
        problem = null;
        switch (name)
        {
            case "schema" when IsPlainName(value):
                return options with { Schema = value };
            case "schema":
                problem = $"its schema '{value}' is not made of 1 to 40 small letters, digits and underscores, a letter first";
                return null;
            case "lease" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= 1 and <= 600:
                return options with { Lease = TimeSpan.FromSeconds(seconds), Heartbeat = TimeSpan.FromSeconds(seconds) / 5 };
            case "lease":
                problem = $"its lease '{value}' is not a number of seconds from 1 to 600";
                return null;
            case "listen" when bool.TryParse(value, out bool listen):
                return options with { Listen = listen };
            case "listen":
                problem = $"its listen '{value}' is neither true nor false";
                return null;
            default:
                return null;
        }
    }

    // It becomes part of statements and of the name of the channel, so it has nothing that needs quotes.
    private static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 40 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
