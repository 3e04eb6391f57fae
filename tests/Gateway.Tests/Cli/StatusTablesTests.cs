using Gateway.Admin;
using Gateway.Cli;
using Gateway.Replication.Links.Tls;

namespace Gateway.Tests.Cli;

public sealed class StatusTablesTests
{
    private const char Escape = '\u001b';

    [Test]
    public void A_pipe_gets_a_line_a_node_without_colours()
    {
        var output = new StringWriter();
        StatusTables.Write(Terminal.Open(isRedirected: true, output), Report());

        var lines = output.ToString().Split('\n');
        Assert.That(output.ToString(), Does.Not.Contain(Escape));
        Assert.That(lines.Count(line => line.StartsWith("node", StringComparison.Ordinal)), Is.EqualTo(4));
        string[] expected =
            ["node2", "down", "192.168.100.102:65535", "12345678", "12345679", "17", "999.0", "GiB", "0.1", "s", "ago"];
        var second = lines.Single(line => line.StartsWith("node2", StringComparison.Ordinal));
        Assert.That(second.Split(' ', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(expected));
    }

    [Test]
    public void A_terminal_of_80_columns_shows_a_node_on_one_line()
    {
        var output = new StringWriter();
        var console = Terminal.Open(isRedirected: true, output);
        console.Profile.Width = 80;
        StatusTables.Write(console, Report() with { Volumes = [Volume("127.0.0.1:65535")] });

        var lines = output.ToString().Split('\n').Select(line => line.TrimEnd());
        var nodes = lines.Where(line => line.StartsWith("node", StringComparison.Ordinal)).ToArray();
        Assert.That(nodes, Has.Length.EqualTo(4));
        Assert.That(nodes[0], Does.EndWith("answered"));
        Assert.That(nodes[1..], Is.All.EndsWith("ago"));
    }

    [Test]
    public void Certificates_that_end_soon_or_have_ended_are_told_of_and_no_others()
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var output = new StringWriter();
        StatusTables.Write(Terminal.Open(isRedirected: true, output), Report() with
        {
            Certificates =
            [
                Certificate(LinkRole.Gateway, "gw1", TimeSpan.FromDays(29.5), now), Certificate(LinkRole.Node, "n1", TimeSpan.FromDays(-1), now),
                Certificate(LinkRole.Node, "n2", TimeSpan.FromDays(31), now), Certificate(LinkRole.Node, "n3", TimeSpan.FromDays(2), now),
            ],
        });

        Assert.That(
            output.ToString().Split('\n').Where(line => line.StartsWith("certificate", StringComparison.Ordinal)),
            Is.EqualTo(new[]
            {
                "certificate of gateway gw1 ends 2026-03-31 00:00:00Z, in 29 days",
                "certificate of node n1 has ended 2026-02-28 12:00:00Z, as it was shown when the link was opened",
                "certificate of node n3 ends 2026-03-03 12:00:00Z, in 2 days, as it was shown when the link was opened",
            }));
    }

    private static CertificateReport Certificate(LinkRole role, string name, TimeSpan left, DateTimeOffset now) =>
        CertificateReport.Of(new CertificateTerm(new LinkIdentity(Guid.Empty, role, name), now.AddYears(-1), now + left), now);

    private static StatusReport Report() => new()
    {
        ClusterId = "69637ece-ad8f-b34b-1053-139bcb46643c",
        UptimeSeconds = 3,
        ResidentBytes = 1 << 28,
        Volumes = [Volume("192.168.100.102:65535")],
        Clients = new ClientsReport { Connections = 2, Mounts = ["127.0.0.1:/files"] },
        Rates = new RatesReport { Requests = 10, ReadBytes = 5, WrittenBytes = 7 },
    };

    private static VolumeReport Volume(string address) => new()
    {
        Name = "files",
        Epoch = 4,
        State = "serving",
        CommittedIndex = 12345679,
        AppliedIndex = 12345679,
        CheckpointIndex = 12000000,
        AvailableBytes = 1L << 40,
        TotalBytes = 2L << 40,
        OwedSlices = 17,
        DamageFound = 1,
        DamageRepaired = 1,
        LeaseRemainingSeconds = 4,
        Nodes = [Node("node1", "up", address), Node("node2", "down", address), Node("node3", "up", address)],
    };

    private static NodeReport Node(string id, string state, string address) => new()
    {
        Id = id,
        Address = address,
        State = state,
        MatchIndex = 12345678,
        CommittedIndex = 12345679,
        OwedSlices = 17,
        LastAnswerSeconds = 0.1,
        AvailableBytes = 999L << 30,
        DamageFound = 0,
        DamageRepaired = 0,
    };
}
