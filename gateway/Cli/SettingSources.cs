using System.Text;
using Microsoft.Extensions.Configuration;

namespace Gateway.Cli;

/// <summary>The environment and the configuration file, where settings come from that the command line does not give.</summary>
internal sealed class SettingSources
{
    private const string Prefix = "NASGATE_";

    private readonly Func<string, string?> _environment;

    private SettingSources(Func<string, string?> environment, IConfiguration? file)
    {
        _environment = environment;
        File = file;
    }

    /// <summary>The configuration file, for the parts with structure of their own such as <c>exports</c>.</summary>
    public IConfiguration? File { get; }

    /// <param name="path">The file named by <c>--config</c> or <c>NASGATE_CONFIG</c>, if any.</param>
    /// <exception cref="SettingException">The file is missing or is not JSON.</exception>
    public static SettingSources Open(string? path, Func<string, string?> environment)
    {
        path ??= environment(Prefix + "CONFIG");
        if (path is null) return new SettingSources(environment, null);

        if (!System.IO.File.Exists(path)) throw new SettingException($"--config: there is no file '{path}'");
        try
        {
            var file = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path), optional: false).Build();
            return new SettingSources(environment, file);
        }
        catch (InvalidDataException error)
        {
            var cause = error.InnerException?.Message ?? error.Message;
            throw new SettingException($"--config: '{path}' is not valid JSON: {cause}");
        }
    }

    /// <summary>Finds a setting by its command-line name; the text is null when nobody set it.</summary>
    public (string? Text, string Source) Find(string name)
    {
        var variable = Prefix + name.Replace('-', '_').ToUpperInvariant();
        if (_environment(variable) is { Length: > 0 } set) return (set, variable);

        var key = CamelCase(name);
        return File?[key] is { } configured ? (configured, $"\"{key}\" in the configuration file") : (null, name);
    }

    private static string CamelCase(string name)
    {
        var key = new StringBuilder(name.Length);
        var upper = false;
        foreach (var letter in name)
        {
            if (letter != '-') key.Append(upper ? char.ToUpperInvariant(letter) : letter);
            upper = letter == '-';
        }

        return key.ToString();
    }
}
