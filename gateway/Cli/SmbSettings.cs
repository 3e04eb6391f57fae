using System.CommandLine;
using Gateway.Hosting;
using Gateway.Smb;

namespace Gateway.Cli;

/// <summary>The settings of SMB.</summary>
internal sealed class SmbSettings
{
    private const int NoPort = 0;

    private readonly Setting<int?> _port = new(
        "smb-port",
        "TCP port of SMB: 445, or 4450 where that cannot be had; none for no SMB",
        "a port from 1 to 65535, or none",
        null,
        TryParsePort);

    private readonly Setting<IReadOnlyList<ShareOptions>> _shares = new(
        "shares",
        "what is shared over SMB",
        ShareSettings.Form,
        ShareSettings.Default,
        ShareSettings.TryParse);

    private readonly Setting<EncryptionPolicy> _encryption = new(
        "smb-encrypt",
        "encrypt SMB as the client likes, with every client that can, or always",
        "off, desired or required",
        EncryptionPolicy.Off,
        TryParseEncryption);

    private readonly Setting<bool> _signingRequired = new(
        "smb-signing", "whether every SMB request must be signed", "required or enabled", true, TryParseSigning);

    private readonly Setting<bool> _allowsAnonymousList = new(
        "allow-anonymous-list", "who has no name may list the SMB shares", "true or false", false, SettingParsers.Flag);

    private readonly Setting<bool> _offersTestControls = new(
        "smb-test-fsctl", "answer FSCTL_SMBTORTURE; for test suites only", "true or false", false, SettingParsers.Flag);

    public IEnumerable<Option> Options =>
    [
        _port.Option, _shares.Option, _encryption.Option, _signingRequired.Option, _allowsAnonymousList.Option,
        _offersTestControls.Option,
    ];

    public SmbOptions Read(ParseResult parse, SettingSources sources) => new()
    {
        Port = _port.Read(parse, sources),
        Shares = ShareSettings.Read(_shares, parse, sources),
        Encryption = _encryption.Read(parse, sources),
        SigningRequired = _signingRequired.Read(parse, sources),
        AllowsAnonymousList = _allowsAnonymousList.Read(parse, sources),
        OffersTestControls = _offersTestControls.Read(parse, sources),
    };

    private static bool TryParsePort(string text, out int? port)
    {
        port = NoPort;
        if (text == "none") return true;

        var valid = SettingParsers.Port(text, out var number);
        port = number;
        return valid;
    }

    private static bool TryParseEncryption(string text, out EncryptionPolicy policy)
    {
        (var valid, policy) = text switch
        {
            "off" => (true, EncryptionPolicy.Off),
            "desired" => (true, EncryptionPolicy.Desired),
            "required" => (true, EncryptionPolicy.Required),
            _ => (false, default),
        };
        return valid;
    }

    private static bool TryParseSigning(string text, out bool isRequired)
    {
        isRequired = text == "required";
        return isRequired || text == "enabled";
    }
}
