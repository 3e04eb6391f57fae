using System.Text;
using Microsoft.Extensions.Configuration;

namespace Gateway.Cli;

/// <summary>The environment and the configuration file, where settings come from that the command line does not give.</summary>
internal sealed class SettingSources
{
    private const string Prefix = "NASGATE_";

    /// <summary>Command-line names of everything that a configuration file may say.</summary>
    private static readonly string[] Names =
    [
        "data", "listen", "nfs-port", "http-port", "nodes", "id", "secret-file", "log-level", "portmap", "exports",
        "smb-port", "shares", "smb-encrypt", "smb-signing", "allow-anonymous-list", "smb-test-fsctl",
        "control", "control-ca", "control-cert", "control-key", "control-credentials", "advertise", "replicas", "witness",
        "tls-ca", "tls-cert", "tls-key", "address", "on-acquire", "on-release", "ready-port", "metrics-port",
    ];

    private readonly Func<string, string?> _environment;

    private SettingSources(Func<string, string?> environment, IConfiguration? file)
    {
        _environment = environment;
        File = file;
    }

    /// <summary>The configuration file, for the parts with structure of their own such as <c>exports</c>.</summary>
    public IConfiguration? File { get; }

    /// <param name="path">The file named by <c>--config</c> or <c>NASGATE_CONFIG</c>, if any.</param>
    /// <exception cref="SettingException">The file is missing, is not JSON, or says what nobody asks.</exception>
    public static SettingSources Open(string? path, Func<string, string?> environment)
    {
        path ??= environment(Prefix + "CONFIG");
        if (path is null) return new SettingSources(environment, null);

        if (!System.IO.File.Exists(path)) throw new SettingException($"--config: there is no file '{path}'");
        try
        {
            var file = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path), optional: false).Build();
            RefuseUnknown(file, path);
            return new SettingSources(environment, file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"--config: '{path}' cannot be read: {error.Message}");
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
        var found = FindInEnvironment(name);
        if (found.Text is not null) return found;

        var key = CamelCase(name);
        var source = $"\"{key}\" in the configuration file";
        if (File?.GetSection(key).GetChildren().Any() == true)
            throw new SettingException($"{source}: not a single value");

        return File?[key] is { } configured ? (configured, source) : (null, name);
    }

    /// <summary>The same, without looking into the configuration file.</summary>
    public (string? Text, string Source) FindInEnvironment(string name)
    {
        var variable = Prefix + name.Replace('-', '_').ToUpperInvariant();
        return _environment(variable) is { Length: > 0 } set ? (set, variable) : (null, name);
    }

    // A mistyped name would otherwise leave the default standing without a word.
    private static void RefuseUnknown(IConfiguration file, string path)
    {
        foreach (var section in file.GetChildren())
        {
            if (!Names.Any(name => CamelCase(name).Equals(section.Key, StringComparison.OrdinalIgnoreCase)))
                throw new SettingException($"--config: '{path}' has an unknown setting \"{section.Key}\"");
        }
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
