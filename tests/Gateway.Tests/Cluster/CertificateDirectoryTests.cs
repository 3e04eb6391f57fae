using Gateway.Cluster;
using Gateway.Hosting;
using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Cluster;

public sealed class CertificateDirectoryTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan Life = TimeSpan.FromDays(100);
    private static readonly CertificateHolders Holders = new(["n1", "n.2"], ["gw1"]);

    private string _directory = "";

    private string Made => Path.Combine(_directory, "certificates");

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("nasgate-certificates").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task What_is_made_is_what_nodes_and_gateways_can_use()
    {
        var notes = Open().Make(null, Holders, Life);
        Assert.That(
            Directory.EnumerateFiles(Made).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo(new[]
            {
                "ca.key", "ca.pem", "gateway-gw1.key", "gateway-gw1.pem", "node-n.2.key", "node-n.2.pem", "node-n1.key", "node-n1.pem", "secret",
            }));
        var cluster = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(Path.Combine(Made, "secret"))).Cluster;
        foreach (var note in notes)
        {
            await using var tls = LinkCredentials.Open(
                FilesOf(note), note.Role, note.Name, cluster, TimeProvider.System, NullLoggerFactory.Instance);
            Assert.That(tls.Expires, Is.EqualTo(note.Expires).Within(TimeSpan.FromSeconds(1)));
        }

        Assert.That(notes.Select(note => note.Name), Is.EqualTo(new[] { "n1", "n.2", "gw1" }));
        Assert.That(File.GetUnixFileMode(Path.Combine(Made, "ca.key")), Is.EqualTo(UnixFileMode.UserRead));
        Assert.That(File.GetUnixFileMode(Path.Combine(Made, "node-n1.key")), Is.EqualTo(OwnerOnly));
        Assert.That(File.GetUnixFileMode(Path.Combine(Made, "secret")), Is.EqualTo(OwnerOnly));
        Assert.That(Directory.EnumerateFileSystemEntries(_directory).Count(), Is.EqualTo(1), "nothing is left beside");
    }

    [Test]
    public void Nothing_is_overwritten_and_half_of_it_is_not_left()
    {
        Directory.CreateDirectory(Made);
        Open().Make(null, Holders, Life);
        var before = File.ReadAllText(Path.Combine(Made, "ca.key"));
        Assert.That(() => Open().Make(null, Holders, Life), Throws.TypeOf<StartException>().With.Message.Contains("not empty"));
        Assert.That(File.ReadAllText(Path.Combine(Made, "ca.key")), Is.EqualTo(before));

        var other = new CertificateDirectory(Path.Combine(_directory, "other"), TimeProvider.System);
        Assert.That(() => other.Make(null, new CertificateHolders(["n/1"], ["gw1"]), Life), Throws.Exception);
        Assert.That(Directory.EnumerateFileSystemEntries(_directory).Count(), Is.EqualTo(1));
    }

    [Test]
    public void A_cluster_that_there_is_keeps_its_secret_and_so_its_identity()
    {
        var file = Path.Combine(_directory, "secret");
        var cluster = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(file)).Cluster;
        Open().Make(file, Holders, Life);
        Assert.That(File.Exists(Path.Combine(Made, "secret")), Is.False);
        using var authority = LinkAuthority.Read(Read("ca.pem"), Read("ca.key"));
        Assert.That(authority.Cluster, Is.EqualTo(cluster));
    }

    [Test]
    public void Renewal_is_for_all_that_have_one_or_for_those_named()
    {
        Open().Make(null, Holders, Life);
        var (one, two) = (Read("node-n1.pem"), Read("node-n.2.pem"));
        Assert.That(Open().Renew(new CertificateHolders(["n1", "n3"], []), Life).Select(note => note.Name), Is.EqualTo(new[] { "n1", "n3" }));
        Assert.That(Read("node-n1.pem"), Is.Not.EqualTo(one));
        Assert.That(Read("node-n.2.pem"), Is.EqualTo(two));
        Assert.That(
            Open().Renew(new CertificateHolders([], []), Life).Select(note => note.CertificateFile),
            Is.EqualTo(new[] { "node-n.2.pem", "node-n1.pem", "node-n3.pem", "gateway-gw1.pem" }));
        Assert.That(Read("node-n.2.pem"), Is.Not.EqualTo(two));
    }

    [Test]
    public async Task The_authority_is_followed_by_another_in_steps_that_each_leave_all_believed()
    {
        var notes = Open().Make(null, Holders, Life);
        var first = Read("ca.pem");
        Open().FollowAuthority();
        Assert.That(Read("ca.pem"), Does.EndWith(first).And.Not.EqualTo(first));
        await AssertUsableAsync(notes);
        Assert.That(() => Open().RetireAuthorities(), Throws.TypeOf<StartException>().With.Message.Contains("older authority"));

        Open().Renew(new CertificateHolders([], []), Life);
        await AssertUsableAsync(notes);
        Open().RetireAuthorities();
        Assert.That(Read("ca.pem"), Does.Not.Contain(first.Trim()));
        await AssertUsableAsync(notes);
    }

    [Test]
    public void Without_an_authority_nothing_is_renewed()
    {
        Directory.CreateDirectory(Made);
        Assert.That(() => Open().Renew(Holders, Life), Throws.TypeOf<StartException>().With.Message.Contains("cluster init"));
    }

    private async Task AssertUsableAsync(IEnumerable<CertificateNote> notes)
    {
        foreach (var note in notes)
        {
            await using var tls = LinkCredentials.Open(
                FilesOf(note), note.Role, note.Name, null, TimeProvider.System, NullLoggerFactory.Instance);
            Assert.That(tls.Identity.Name, Is.EqualTo(note.Name));
        }
    }

    private LinkFiles FilesOf(CertificateNote note) => new(
        Path.Combine(Made, note.CertificateFile), Path.Combine(Made, note.KeyFile), Path.Combine(Made, CertificateDirectory.AuthoritiesFile));

    private CertificateDirectory Open() => new(Made, TimeProvider.System);

    private string Read(string name) => File.ReadAllText(Path.Combine(Made, name));
}
