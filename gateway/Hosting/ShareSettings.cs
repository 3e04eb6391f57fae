using System.CommandLine;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Smb.Names;
using Microsoft.Extensions.Configuration;

namespace Gateway.Hosting;

/// <summary>What is shared over SMB: <c>--shares</c>, or the <c>shares</c> section of the configuration file.</summary>
internal static partial class ShareSettings
{
    private const string Section = "shares";

    private const string HideOption = "hide=";

    private static readonly Dictionary<string, Func<ShareOptions, ShareOptions>> Switches = new()
    {
        ["ro"] = share => share with { ReadOnly = true },
        ["encrypt"] = share => share with { Encrypt = true },
        ["continuous"] = share => share with { Continuous = true },
        ["writeback"] = share => share with { WriteBack = true },
        ["nostreams"] = share => share with { Streams = false },
        ["accessbased"] = share => share with { AccessBased = true },
        ["keepinherited"] = share => share with { KeepInherited = true },
        ["nomacos"] = share => share with { MacOS = false },
        ["notimemachine"] = share => share with { TimeMachine = false },
    };

    /// <summary>The form of the setting, for the help.</summary>
    public static string Form { get; } =
        $"NAME[=DIRECTORY{string.Concat(Switches.Keys.Select(option => $"[:{option}]"))}[:{HideOption}PATTERN]…],…";

    public static IReadOnlyList<ShareOptions> Default { get; } = [new ShareOptions { Name = GatewayProcess.VolumeName }];

    /// <summary><c>NAME[=DIRECTORY[:option…]],…</c>, see <see cref="Form"/>.</summary>
    public static bool TryParse(string text, out IReadOnlyList<ShareOptions> shares)
    {
        var list = new List<ShareOptions>();
        shares = list;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParseOne(part, out var share)) return false;
            list.Add(share);
        }

        return Problem(list) is null;
    }

    /// <summary>The section where the file has one with structure; otherwise what the setting says.</summary>
    /// <exception cref="SettingException">A value has the wrong form or an unknown name, or makes no sense.</exception>
    public static IReadOnlyList<ShareOptions> Read(
        Setting<IReadOnlyList<ShareOptions>> setting, ParseResult parse, SettingSources sources)
    {
        var section = sources.File?.GetSection(Section);
        if (setting.IsGiven(parse, sources) || section is null || !section.GetChildren().Any()) return setting.Read(parse, sources);

        try
        {
            var shares = section.Get<List<ShareOptions>>(binder => binder.ErrorOnUnknownConfiguration = true) ?? [];
            return Problem(shares) is { } problem ? throw new SettingException(Complaint(problem)) : shares;
        }
        catch (InvalidOperationException error)
        {
            throw new SettingException(Complaint(error.GetBaseException().Message));
        }
    }

    private static string Complaint(string problem) => $"\"{Section}\" in the configuration file: {problem}";

    /// <summary>Why these shares make no sense together; null when they do.</summary>
    public static string? Problem(IReadOnlyList<ShareOptions> shares)
    {
        if (shares.Count == 0) return "no share";

        foreach (var share in shares)
        {
            if (!NameForm().IsMatch(share.Name) || share.Name.Equals("IPC$", StringComparison.OrdinalIgnoreCase))
                return $"'{share.Name}' is no name of a share";
            if (shares.Count(other => other.Name.Equals(share.Name, StringComparison.OrdinalIgnoreCase)) > 1)
                return $"two shares are called '{share.Name}'";
            if (share.Directory.Split('/').Contains("..")) return $"share '{share.Name}' leads out of the volume";
            if (share is { Continuous: true, WriteBack: true })
                return $"share '{share.Name}' cannot be both continuous and write-back: what a client was answered must be durable";
            if (share.Hide.Count > HiddenNames.PatternsMax || !share.Hide.All(HiddenNames.IsPattern))
                return $"share '{share.Name}' hides what is no pattern of names, or too many";
        }

        return null;
    }

    private static bool TryParseOne(string text, out ShareOptions share)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        share = new ShareOptions { Name = equals < 0 ? text : text[..equals] };
        if (equals < 0) return true;

        var parts = text[(equals + 1)..].Split(':');
        share = share with { Directory = parts[0].Trim('/') };
        foreach (var option in parts.Skip(1))
        {
            if (option.StartsWith(HideOption, StringComparison.Ordinal))
                share = share with { Hide = [.. share.Hide, option[HideOption.Length..]] };
            else if (Switches.TryGetValue(option, out var apply))
                share = apply(share);
            else
                return false;
        }

        return true;
    }

    // What Windows forbids in the name of a share, and what could be taken for a path.
    [GeneratedRegex("""^[^\x00-\x1f"\\/\[\]:|<>+=;,*?\s][^\x00-\x1f"\\/\[\]:|<>+=;,*?]{0,79}$""", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();
}
