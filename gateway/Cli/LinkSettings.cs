using System.CommandLine;
using Gateway.Replication.Links.Tls;

namespace Gateway.Cli;

/// <summary>The settings of links between gateways and nodes.</summary>
internal sealed class LinkSettings
{
    private readonly Setting<string> _certificate = OfFile("tls-cert", "certificate for links between gateways and nodes");
    private readonly Setting<string> _key = OfFile("tls-key", "private key of the certificate");
    private readonly Setting<string> _authorities = OfFile("tls-ca", "certificates of the cluster's authorities");

    public IEnumerable<Option> Options => [_authorities.Option, _certificate.Option, _key.Option];

    /// <summary>Null where links are in clear.</summary>
    /// <exception cref="SettingException">Some of them are given, and not all.</exception>
    public LinkFiles? Read(ParseResult parse, SettingSources sources)
    {
        var files = new LinkFiles(_certificate.Read(parse, sources), _key.Read(parse, sources), _authorities.Read(parse, sources));
        var given = new[] { files.Certificate, files.Key, files.Authorities }.Count(file => file.Length > 0);
        return given switch
        {
            0 => null,
            3 => new LinkFiles(Path.GetFullPath(files.Certificate), Path.GetFullPath(files.Key), Path.GetFullPath(files.Authorities)),
            _ => throw new SettingException("--tls-ca, --tls-cert and --tls-key go together"),
        };
    }

    private static Setting<string> OfFile(string name, string description) =>
        new(name, "file: " + description, "a file", "", SettingParsers.Text);
}
