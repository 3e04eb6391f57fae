using System.CommandLine;

namespace Gateway.Cli;

/// <summary>
/// One thing a user can set. The command line wins over the environment (<c>NASGATE_NFS_PORT</c>), which wins
/// over the JSON file named by <c>--config</c> (<c>"nfsPort"</c>), which wins over the default.
/// </summary>
internal sealed class Setting<T>
{
    private readonly string _name;
    private readonly string _expected;
    private readonly T _default;
    private readonly TryParse _tryParse;

    /// <param name="name">Name on the command line, without dashes: <c>nfs-port</c>.</param>
    /// <param name="expected">What a valid value is, for the one-line error: "a port from 1 to 65535".</param>
    public Setting(string name, string description, string expected, T defaultValue, TryParse tryParse)
    {
        _name = name;
        _expected = expected;
        _default = defaultValue;
        _tryParse = tryParse;
        Option = new Option<string?>("--" + name) { Description = description, HelpName = expected };
        if (typeof(T) == typeof(bool)) Option.Arity = ArgumentArity.ZeroOrOne;
    }

    public delegate bool TryParse(string text, out T value);

    public Option<string?> Option { get; }

    /// <exception cref="SettingException">The value given is not valid; the message is for the user.</exception>
    public T Read(ParseResult parse, SettingSources sources)
    {
        var (text, source) = FromCommandLine(parse) is { } given
            ? (given, "--" + _name)
            : sources.Find(_name);
        if (text is null) return _default;

        return _tryParse(text, out var value)
            ? value
            : throw new SettingException($"{source}: '{text}' is not {_expected}");
    }

    public bool IsSet(ParseResult parse, SettingSources sources) =>
        FromCommandLine(parse) is not null || sources.Find(_name).Text is not null;

    /// <summary>By the command line or the environment, which both win over the configuration file.</summary>
    public bool IsGiven(ParseResult parse, SettingSources sources) =>
        FromCommandLine(parse) is not null || sources.FindInEnvironment(_name).Text is not null;

    // A flag may stand without a value.
    private string? FromCommandLine(ParseResult parse) =>
        parse.GetValue(Option) ?? (typeof(T) == typeof(bool) && parse.GetResult(Option) is { Implicit: false } ? "true" : null);
}

/// <summary>A setting the user gave is wrong. One clear line, exit code 2.</summary>
internal sealed class SettingException(string message) : Exception(message);
