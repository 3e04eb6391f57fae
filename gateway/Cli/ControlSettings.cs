using System.CommandLine;
using Gateway.Cluster;
using Gateway.Replication.Control.Etcd;

namespace Gateway.Cli;

/// <summary>The settings of the control plane.</summary>
internal sealed class ControlSettings
{
    private const string EtcdPrefix = "etcd=";
    private const string Embedded = "embedded";
    private const int MembersMax = 9;

    private readonly Setting<IReadOnlyList<Uri>> _control = new(
        "control", "where the control plane is: embedded, or etcd's members", "etcd=https://host:port,host:port,…", [], TryParse);

    private readonly Setting<string?> _authority = OfFile("control-ca", "certificates of the authorities that etcd's are checked by");
    private readonly Setting<string?> _certificate = OfFile("control-cert", "certificate that is shown to etcd");
    private readonly Setting<string?> _key = OfFile("control-key", "private key of the certificate");
    private readonly Setting<string?> _credentials = OfFile("control-credentials", "user:password for etcd");

    public IEnumerable<Option> Options =>
        [_control.Option, _authority.Option, _certificate.Option, _key.Option, _credentials.Option];

    /// <exception cref="SettingException">Settings do not go together.</exception>
    public ControlOptions Read(ParseResult parse, SettingSources sources)
    {
        var members = _control.Read(parse, sources);
        var (authority, certificate, key) =
            (_authority.Read(parse, sources), _certificate.Read(parse, sources), _key.Read(parse, sources));
        var credentials = _credentials.Read(parse, sources);
        if (members.Count == 0)
        {
            return (authority ?? certificate ?? key ?? credentials) is null
                ? new ControlOptions()
                : throw new SettingException("--control-… options need --control etcd=…");
        }

        if ((certificate is null) != (key is null)) throw new SettingException("--control-cert and --control-key go together");
        if ((authority ?? certificate) is not null && members.Any(member => member.Scheme != Uri.UriSchemeHttps))
            throw new SettingException("--control: certificates need https://");

        return new ControlOptions
        {
            Etcd = new EtcdOptions
            {
                Endpoints = members,
                AuthorityFile = authority,
                CertificateFile = certificate,
                KeyFile = key,
            },
            CredentialsFile = credentials,
        };
    }

    private static Setting<string?> OfFile(string name, string description) =>
        new(name, "file: " + description, "a file", null, TryParseFile);

    private static bool TryParseFile(string text, out string? file)
    {
        file = text.Length == 0 ? null : Path.GetFullPath(text);
        return file is not null;
    }

    /// <summary>A member without a scheme has that of the one before it.</summary>
    private static bool TryParse(string text, out IReadOnlyList<Uri> members)
    {
        var list = new List<Uri>();
        members = list;
        if (text == Embedded) return true;
        if (!text.StartsWith(EtcdPrefix, StringComparison.Ordinal)) return false;

        foreach (var part in text[EtcdPrefix.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            var scheme = list.Count == 0 ? Uri.UriSchemeHttp : list[^1].Scheme;
            var whole = part.Contains("://", StringComparison.Ordinal) ? part : $"{scheme}://{part}";
            if (!Uri.TryCreate(whole, UriKind.Absolute, out var member)
                || member.Scheme is not ("http" or "https")
                || member is not { PathAndQuery: "/", UserInfo: "", Fragment: "" }
                || list.Contains(member))
            {
                return false;
            }

            list.Add(member);
        }

        return list.Count is >= 1 and <= MembersMax;
    }
}
