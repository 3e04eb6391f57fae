using System.Globalization;
using Spectre.Console;

namespace Gateway.Cli;

/// <summary>What a person, or a script, says about a user.</summary>
internal static class UserInput
{
    public static List<uint> ParseGroups(string? text)
    {
        var groups = new List<uint>();
        if (string.IsNullOrEmpty(text)) return groups;

        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var group))
                throw new SettingException($"--groups: '{part}' is not the number of a group");
            groups.Add(group);
        }

        return groups;
    }

    /// <exception cref="SettingException">There is nobody to ask, or the two passwords differ.</exception>
    public static string ReadPassword(bool fromInput)
    {
        if (fromInput) return Console.In.ReadLine() ?? throw new SettingException("--password-stdin: standard input is empty");
        if (Console.IsInputRedirected)
            throw new SettingException("there is no terminal to ask for the password on: use --password-stdin");

        var password = AnsiConsole.Prompt(new TextPrompt<string>("Password:").Secret(null));
        var again = AnsiConsole.Prompt(new TextPrompt<string>("Again:").Secret(null));
        return password == again ? password : throw new SettingException("the two passwords differ");
    }
}
