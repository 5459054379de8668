using Weft.AspNetCore.Endpoints;
using Weft.Options;
using Weft.Server.Hosting;

namespace Weft.Server.Client;

/// <summary>Finds what an operator's verb acts on.</summary>
internal static class Operator
{
    /// <summary>
    /// Does <paramref name="act"/> on the instance at <paramref name="url"/>, else on the one at the file's admin address; when
    /// nothing answers there, on the stores that the file names.
    /// </summary>
    /// <exception cref="CommandException">Nothing can be acted on.</exception>
    public static async Task<T> UseAsync<T>(string[] files, string? url, Terminal terminal, Func<IOperator, Task<T>> act)
    {
        var options = url is not null && !File.Exists(files[0]) ? null : new Configuration(files, new OnlyFilter([]), terminal).Read();
        string? address = url ?? options?.Server.Admin?.Listen.Url;
        if (address is not null)
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var admin) || admin.Scheme is not ("http" or "https"))
                throw CommandException.Usage($"--url is '{address}'; allowed is http://HOST:PORT or https://HOST:PORT.");
            try
            {
                if (TokenFor(options, files[0]) is { } token)
                {
                    var running = new RunningInstance(admin, token);
                    await using (running.ConfigureAwait(false))
                        return await act(running).ConfigureAwait(false);
                }
            }
            catch (UnreachableException e) when (url is not null || options!.Connections.Count == 0)
            {
                throw new CommandException(ExitCode.Unreachable, e.Message, e);
            }
            catch (UnreachableException)
            {
                // Nothing runs; the stores are free.
            }
        }

        if (url is not null)
            throw new CommandException(ExitCode.Unreachable, $"There is no token for {url}. Set WEFT_ADMIN_TOKEN.");
        var stopped = await StoppedInstance.OpenAsync(options!).ConfigureAwait(false);
        await using (stopped.ConfigureAwait(false))
            return await act(stopped).ConfigureAwait(false);
    }

    // Null when there is none, and so nothing can have been started with it.
    private static string? TokenFor(WeftOptions? options, string file)
    {
        if (Environment.GetEnvironmentVariable("WEFT_ADMIN_TOKEN") is { Length: > 0 } given)
            return given;
        return options?.Server.Admin?.Tokens.MaxBy(t => t.Rights) is { } configured
            ? new Secrets().Get(configured.Token, options)
            : AdminTokenFile.TryRead(AdminTokenFile.PathFor(file));
    }
}
