using System.CommandLine;
using System.Net;
using Gateway.Hosting;
using Gateway.Replication.Links;
using Microsoft.Extensions.Logging;

namespace Gateway.Cli;

/// <summary>The settings that several commands share, defined once.</summary>
internal sealed class CommonSettings
{
    public Option<string?> Config { get; } = new("--config") { Description = "JSON file with further settings", HelpName = "FILE" };

    public Setting<string> Data { get; } = new(
        "data", "directory everything lives under", "a directory", DefaultDataDirectory(), SettingParsers.Text);

    public Setting<IPAddress> Listen { get; } = new(
        "listen", "address clients reach; 0.0.0.0 serves the network", "an IP address", IPAddress.Loopback, SettingParsers.Address);

    public Setting<int> NfsPort { get; } = new(
        "nfs-port", "TCP port of NFS, MOUNT, NLM and NSM", "a port from 1 to 65535", 2049, SettingParsers.Port);

    public Setting<int> HttpPort { get; } = new(
        "http-port", "TCP port of the administration, on loopback", "a port from 1 to 65535", 8080, SettingParsers.Port);

    public Setting<string> SecretFile { get; } = new(
        "secret-file", "file with the secret that gateways and nodes share", "a file", DefaultSecretFile(), SettingParsers.Text);

    public Setting<LogLevel> LogLevel { get; } = new(
        "log-level", "least level that is logged", "trace, debug, information, warning or error",
        Microsoft.Extensions.Logging.LogLevel.Information, TryParseLevel);

    public Setting<int?> MetricsPort { get; } = new(
        "metrics-port", "TCP port of /metrics, for Prometheus", "a port from 1 to 65535", null, SettingParsers.OptionalPort);

    public Setting<bool> Portmap { get; } = new(
        "portmap", "answer portmap requests on port 111", "true or false", false, SettingParsers.Flag);

    /// <summary>What all commands that serve have at last.</summary>
    public IEnumerable<Option> ProcessOptions => [MetricsPort.Option, LogLevel.Option, Config];

    public ProcessOptions ReadProcess(ParseResult parse, SettingSources sources) => new()
    {
        DataDirectory = Path.GetFullPath(Data.Read(parse, sources)),
        SecretFile = Path.GetFullPath(SecretFile.Read(parse, sources)),
        LogLevel = LogLevel.Read(parse, sources),
        MetricsPort = MetricsPort.Read(parse, sources),
    };

    /// <summary>The options that say which gateway a command asks.</summary>
    public IEnumerable<Option> PlaceOptions => [Data.Option, SecretFile.Option, HttpPort.Option, Config];

    /// <summary>The gateway that a command asks.</summary>
    /// <exception cref="StartException">None has run there.</exception>
    public GatewayPlace FindGateway(ParseResult parse, Func<string, string?> environment)
    {
        var sources = SettingSources.Open(parse.GetValue(Config), environment);
        var data = Path.GetFullPath(Data.Read(parse, sources));
        var port = HttpPort.Read(parse, sources);
        return new GatewayPlace(data, port, FindSecret(parse, sources, data));
    }

    /// <summary>The cluster's secret, of what has run: as <c>up</c> and <c>serve</c> choose its file, except that none is made.</summary>
    /// <exception cref="StartException">There is none.</exception>
    public ClusterSecret FindSecret(ParseResult parse, SettingSources sources, string data) =>
        ClusterSecret.FromKey(SharedSecret.LoadOrCreate(FindSecretFile(parse, sources, data)));

    private string FindSecretFile(ParseResult parse, SettingSources sources, string data)
    {
        var file = Path.GetFullPath(SecretFile.Read(parse, sources));
        var ownFile = Path.Combine(data, "secret");
        if (!SecretFile.IsSet(parse, sources) && File.Exists(ownFile)) file = ownFile;

        return File.Exists(file)
            ? file
            : throw new StartException(
                $"there is no gateway's secret at {file}: start the gateway first, or name --data or --secret-file");
    }

    private static string DefaultDataDirectory() => Environment.IsPrivilegedProcess
        ? "/var/lib/nasgate"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "nasgate");

    private static string DefaultSecretFile() => Environment.IsPrivilegedProcess
        ? "/etc/nasgate/secret"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "nasgate", "secret");

    private static bool TryParseLevel(string text, out LogLevel level) =>
        Enum.TryParse(text, ignoreCase: true, out level)
        && level is >= Microsoft.Extensions.Logging.LogLevel.Trace and <= Microsoft.Extensions.Logging.LogLevel.Error
        && !char.IsAsciiDigit(text[0]);
}
