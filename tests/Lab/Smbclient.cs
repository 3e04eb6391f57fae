namespace Gateway.Lab;

/// <summary>Samba's smbclient in the network of a lab, one command line a call; it keeps its caches in a directory of its own.</summary>
internal sealed class Smbclient
{
    private readonly LabNetwork _network;
    private readonly string _configuration;

    public Smbclient(LabNetwork network, LabDirectory directory)
    {
        _network = network;
        _configuration = directory["smbclient.conf"];
        Files = directory["smbclient"];
        Directory.CreateDirectory(Files);
        var state = Directory.CreateDirectory(directory["smbclient.state"]).FullName;
        string[] kinds = ["lock", "state", "cache", "private", "pid"];
        File.WriteAllText(
            _configuration,
            "[global]\nclient min protocol = SMB2_02\n" + string.Concat(kinds.Select(kind => $"{kind} directory = {state}\n")));
    }

    /// <summary>The directory it puts from and gets to.</summary>
    public string Files { get; }

    /// <summary>Where a file of that name is on the client's side.</summary>
    public string this[string name] => Path.Combine(Files, name);

    /// <summary>Does <paramref name="commands"/>, which semicolons divide, on a share; a failed one of them is told by the output only.</summary>
    public (int Code, string Output) Do(SmbUser user, string commands, string share = "files", params ReadOnlySpan<string> options) =>
        Run([$"//{LabNetwork.HostAddress}/{share}", "-A", user.CredentialsFile, .. options, "-c", $"lcd {Files}; {commands}"]);

    /// <summary>Any other command line.</summary>
    public (int Code, string Output) Run(params ReadOnlySpan<string> arguments) =>
        HostCommand.Try("ip", [.. _network.Prefix.Skip(1), "smbclient", "-s", _configuration, .. arguments]);

    /// <summary>The options that leave one dialect to choose, as <c>SMB3_11</c>.</summary>
    public static string[] Only(string dialect) =>
        [$"--option=client min protocol={dialect}", $"--option=client max protocol={dialect}"];
}
