using Microsoft.Extensions.Hosting;
using Weft.Options;
using Weft.Yaml;

namespace Weft;

/// <summary>Adds Weft from a file.</summary>
public static class YamlExtensions
{
    /// <summary>Adds Weft as a <c>weft.yaml</c> says it, beside what only code can give.</summary>
    /// <param name="builder">The app. Values such as <c>config://Section:Key</c> come from its configuration.</param>
    /// <param name="file">The file; relative to the content root.</param>
    /// <param name="configure">Adds stores, the gateway and handlers: <c>weft => weft.UseSqlite().Handler(...)</c>. What it says in options comes over the file.</param>
    /// <exception cref="WeftConfigurationException">Something is wrong with the file; the text holds every problem with its place.</exception>
    public static IHostApplicationBuilder AddWeft(this IHostApplicationBuilder builder, string file, Action<WeftBuilder> configure)
    {
        string path = Path.Combine(builder.Environment.ContentRootPath, file);
        return builder.AddWeft(weft =>
        {
            var read = WeftFile.Read([path], new ReadSettings { HostValue = key => builder.Configuration[key] });
            if (read.Options is null || read.Problems.Any(p => p.Severity == ProblemSeverity.Error))
            {
                var text = new StringWriter();
                ProblemWriter.Write(text, read);
                throw new WeftConfigurationException($"{file} cannot be used:{Environment.NewLine}{text}");
            }
            weft.Options = read.Options;
            configure(weft);
        });
    }
}
