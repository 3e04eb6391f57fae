using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Gateway.Addresses;

namespace Gateway.Cli;

/// <summary>The settings of how clients find the gateway that serves a volume.</summary>
internal sealed partial class AddressSettings
{
    private const int AddressesMax = 64;
    private const string Form = "VOLUME[+VOLUME…]=IP/PREFIX@DEVICE,… with distinct addresses";

    private readonly Setting<IReadOnlyList<ServiceAddress>> _addresses = new(
        "address", "addresses that go with volumes from gateway to gateway", Form, [], TryParse);

    private readonly Setting<string?> _onAcquire = new(
        "on-acquire", "program that is run when a volume has come", "an executable file", null, TryParseProgram);

    private readonly Setting<string?> _onRelease = new(
        "on-release", "program that is run when a volume has gone", "an executable file", null, TryParseProgram);

    private readonly Setting<int?> _readyPort = new(
        "ready-port", "TCP port of /ready and /live, for load balancers", "a port from 1 to 65535", null, SettingParsers.OptionalPort);

    public IEnumerable<Option> Options => [_addresses.Option, _onAcquire.Option, _onRelease.Option, _readyPort.Option];

    /// <param name="listen">Where clients are listened for.</param>
    /// <exception cref="SettingException">Settings do not go together.</exception>
    public ServiceAddressOptions Read(ParseResult parse, SettingSources sources, IPAddress listen)
    {
        var options = new ServiceAddressOptions
        {
            Addresses = _addresses.Read(parse, sources),
            OnAcquire = _onAcquire.Read(parse, sources),
            OnRelease = _onRelease.Read(parse, sources),
            ReadyPort = _readyPort.Read(parse, sources),
        };

        // :: is both families; an address that comes later is listened on only by those who listen on all.
        foreach (var address in options.Addresses)
        {
            var isReached = listen.Equals(IPAddress.IPv6Any) || listen.Equals(IPAddress.Any) && !address.IsIPv6;
            if (!isReached)
            {
                throw new SettingException(
                    $"--address {address.Address} needs --listen {(address.IsIPv6 ? "::" : "0.0.0.0 or ::")}");
            }
        }

        return options;
    }

    internal static bool TryParse(string text, out IReadOnlyList<ServiceAddress> addresses)
    {
        var list = new List<ServiceAddress>();
        addresses = list;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (OneAddress().Match(part) is not { Success: true } match
                || !SettingParsers.Address(match.Groups["address"].Value, out var address)
                || !IsGlobal(address)
                || !byte.TryParse(match.Groups["prefix"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
                || prefix == 0 || prefix > (address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32)
                || list.Exists(other => other.Address.Equals(address)))
            {
                return false;
            }

            string[] volumes = [.. match.Groups["volume"].Captures.Select(volume => volume.Value)];
            if (volumes.Distinct().Count() != volumes.Length) return false;
            list.Add(new ServiceAddress(volumes, address, prefix, match.Groups["device"].Value));
        }

        return list.Count is >= 1 and <= AddressesMax;
    }

    private static bool IsGlobal(IPAddress address) =>
        !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal && !address.IsIPv6Multicast && !address.IsIPv4MappedToIPv6
        && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
        && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224);

    private static bool TryParseProgram(string text, out string? program)
    {
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        program = text.Length == 0 ? null : Path.GetFullPath(text);
        return File.Exists(program) && (File.GetUnixFileMode(program) & Execute) != 0;
    }

    [GeneratedRegex(
        @"^(?<volume>[A-Za-z0-9][A-Za-z0-9._-]{0,62})(\+(?<volume>[A-Za-z0-9][A-Za-z0-9._-]{0,62}))*"
        + @"=(?<address>[0-9A-Fa-f:.]+)/(?<prefix>[0-9]{1,3})@(?<device>[A-Za-z0-9._-]{1,15})\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex OneAddress();
}
