using System.CommandLine;
using Gateway.Cluster;
using Gateway.Replication.Links.Tls;

namespace Gateway.Cli;

/// <summary>The commands under <c>cluster</c> that make certificates for the links between gateways and nodes.</summary>
internal sealed class CertificateCommands(CommonSettings common, Func<string, string?> environment)
{
    private const int DaysDefault = 365;
    private const int DaysMax = 3650;

    private readonly Option<string> _out = new("--out")
    {
        Description = "directory of the certificates and of the authority's key",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string?> _nodes = new("--nodes") { Description = "ids of nodes", HelpName = "n1,n2,…" };
    private readonly Option<string?> _gateways = new("--gateways") { Description = "ids of gateways", HelpName = "gw1,gw2,…" };
    private readonly Option<int> _days = new("--days")
    {
        Description = "how long certificates are valid",
        DefaultValueFactory = _ => DaysDefault,
    };

    public Command Init()
    {
        var command = new Command("init", "Make an authority, and certificates for nodes and gateways");
        foreach (var option in (Option[])[_out, _nodes, _gateways, _days, common.SecretFile.Option, common.Config])
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            var sources = SettingSources.Open(parse.GetValue(common.Config), environment);
            var secret = common.SecretFile.IsSet(parse, sources) ? Path.GetFullPath(common.SecretFile.Read(parse, sources)) : null;
            var holders = ReadHolders(parse);
            if (holders.Nodes.Count == 0 || holders.Gateways.Count == 0)
                throw new SettingException("--nodes and --gateways are required: the ids they are started with");

            var directory = DirectoryOf(parse);
            var notes = Open(directory).Make(secret, holders, LifeOf(parse));
            Print(notes, secret ?? Path.Combine(directory, CertificateDirectory.SecretFile));
            Console.Out.WriteLine(
                $"keep {Path.Combine(directory, CertificateDirectory.AuthorityKeyFile)} where no machine of the cluster can read it");
        });
        return command;
    }

    public Command Renew()
    {
        var command = new Command("renew", "Issue new certificates, for all that have one, or for those named, also new ones");
        foreach (var option in (Option[])[_out, _nodes, _gateways, _days]) command.Options.Add(option);
        command.SetAction(parse => Print(Open(DirectoryOf(parse)).Renew(ReadHolders(parse), LifeOf(parse)), null));
        return command;
    }

    public Command Authority()
    {
        var renew = new Command("renew", "Make an authority that follows the one there is; both are believed") { _out };
        renew.SetAction(parse =>
        {
            Open(DirectoryOf(parse)).FollowAuthority();
            Console.Out.WriteLine($"{CertificateDirectory.AuthoritiesFile} has the new authority too: copy it to all machines,");
            Console.Out.WriteLine("then nasgate cluster renew, then nasgate cluster authority retire");
        });
        var retire = new Command("retire", "Believe the newest authority only, once all certificates are of it") { _out };
        retire.SetAction(parse =>
        {
            Open(DirectoryOf(parse)).RetireAuthorities();
            Console.Out.WriteLine($"{CertificateDirectory.AuthoritiesFile} has the newest authority only: copy it to all machines");
        });
        return new Command("authority", "Replace the authority that issues certificates") { renew, retire };
    }

    private static CertificateDirectory Open(string directory) => new(directory, TimeProvider.System);

    private static void Print(IReadOnlyList<CertificateNote> notes, string? secret)
    {
        foreach (var note in notes)
        {
            var others = note.Role == LinkRole.Gateway && secret is not null ? $" {secret}" : "";
            Console.Out.WriteLine(
                $"{note.Role} {note.Name} until {note.Expires:u}: "
                + $"{note.CertificateFile} {note.KeyFile} {CertificateDirectory.AuthoritiesFile}{others}");
        }
    }

    private string DirectoryOf(ParseResult parse) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(parse.GetRequiredValue(_out)));

    private TimeSpan LifeOf(ParseResult parse) => parse.GetValue(_days) is >= 1 and <= DaysMax and var days
        ? TimeSpan.FromDays(days)
        : throw new SettingException($"--days: {parse.GetValue(_days)} is not from 1 to {DaysMax}");

    private CertificateHolders ReadHolders(ParseResult parse) => new(
        ReadNames("--nodes", parse.GetValue(_nodes)), ReadNames("--gateways", parse.GetValue(_gateways)));

    // The list that `serve` is given has the addresses too.
    private static List<string> ReadNames(string option, string? text)
    {
        var names = new List<string>();
        foreach (var part in text?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            var name = part.Split('=')[0];
            if (!SettingParsers.NodeId(name, out _) || names.Contains(name))
                throw new SettingException($"{option}: '{part}' is not a name of letters, digits, '.', '_' and '-', or there twice");
            names.Add(name);
        }

        return names;
    }
}
