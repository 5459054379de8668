using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Weft.AspNetCore.Endpoints;
using Weft.Server.Client;

namespace Weft.Server.Commands;

/// <summary><c>weft dead edit</c>: changes the event of a dead letter, in an editor or by options.</summary>
internal static class DeadEditCommand
{
    public static InstanceCommand Create(Terminal terminal)
    {
        var position = new Argument<string>("POSITION") { Description = "The position that 'weft dead list' shows." };
        var subscription = DeadCommand.Subscription(required: true);
        var data = new Option<string?>("--data") { Description = "A file with the new data; - for standard input.", HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "Sets an attribute. Repeatable.", HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };
        var unset = new Option<string[]>("--unset") { Description = "Takes an attribute away. Repeatable.", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var command = new InstanceCommand("edit", "Changes data or attributes of a dead letter, before it is replayed: in $VISUAL or $EDITOR, or by --data, --set and --unset. The original is kept.", terminal)
        {
            position, subscription, data, set, unset,
        };
        set.Validators.Add(result =>
        {
            foreach (string pair in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (pair.IndexOf('=', StringComparison.Ordinal) < 1)
                    result.AddError($"--set is '{pair}'; allowed is NAME=VALUE.");
            }
        });
        return command.Does(
            async (result, o) =>
            {
                var (name, at) = (result.GetValue(subscription)!, result.GetValue(position)!);
                var edit = await OfOptionsAsync(result.GetValue(data), result.GetValue(set)!, result.GetValue(unset)!).ConfigureAwait(false);
                return edit is null ? await InEditorAsync(o, name, at).ConfigureAwait(false) : await o.EditDeadAsync(name, at, edit).ConfigureAwait(false);
            },
            AdminJson.Default.DeadView,
            dead => terminal.Out.WriteLine($"Dead letter {dead.Position} of {dead.Subscription} is changed. Next: weft dead replay {dead.Position} -s {dead.Subscription}"));
    }

    // Null when nothing was said.
    private static async Task<DeadEdit?> OfOptionsAsync(string? file, string[] set, string[] unset)
    {
        if (file is null && set.Length == 0 && unset.Length == 0)
            return null;
        var attributes = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (string name in unset)
            attributes[name] = JsonSerializer.SerializeToElement(null, AdminJson.Default.String!);
        foreach (string pair in set)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            attributes[pair[..equals]] = JsonSerializer.SerializeToElement(pair[(equals + 1)..], AdminJson.Default.String);
        }
        var edit = new DeadEdit { Attributes = attributes.Count > 0 ? attributes : null };
        if (file is null)
            return edit;
        byte[] bytes = await ReadAsync(file).ConfigureAwait(false);
        return Utf8.IsValid(bytes) ? edit with { Data = Encoding.UTF8.GetString(bytes) } : edit with { DataBase64 = Convert.ToBase64String(bytes) };
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        if (file != "-")
        {
            try
            {
                return await File.ReadAllBytesAsync(file).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw CommandException.Usage($"--data is '{file}', which cannot be read: {e.Message}");
            }
        }
        using var all = new MemoryStream();
        var input = Console.OpenStandardInput();
        await using (input.ConfigureAwait(false))
            await input.CopyToAsync(all).ConfigureAwait(false);
        return all.ToArray();
    }

    private static async Task<DeadView> InEditorAsync(IOperator o, string subscription, string position)
    {
        var dead = await o.ShowDeadAsync(subscription, position).ConfigureAwait(false);
        var draft = new EventDraft(dead);
        string file = await Editor.EditAsync(draft.Text, $"dead-{subscription}-{position}.json").ConfigureAwait(false);
        try
        {
            var edit = draft.Read(await File.ReadAllTextAsync(file).ConfigureAwait(false));
            var edited = edit is null ? null : await o.EditDeadAsync(subscription, position, edit).ConfigureAwait(false);
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
            return edited ?? throw new CommandException(ExitCode.Failed, "Nothing was changed.");
        }
        catch (Exception e) when (File.Exists(file) && e is (JsonException or CommandException or AdminException))
        {
            // What was typed is worth more than a tidy directory.
            throw new CommandException(ExitCode.Failed, $"{e.Message}\nWhat you wrote is in {file}.", e);
        }
    }
}
