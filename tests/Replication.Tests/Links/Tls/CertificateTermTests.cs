using Gateway.Replication.Links.Tls;

namespace Gateway.Replication.Tests.Links.Tls;

public sealed class CertificateTermTests
{
    private static readonly DateTimeOffset Begins = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [TestCase(365, 334.9, ExpectedResult = false)]
    [TestCase(365, 335, ExpectedResult = true)]
    [TestCase(90, 59.9, ExpectedResult = false)]
    [TestCase(90, 60, ExpectedResult = true)]
    [TestCase(3, 1.9, ExpectedResult = false, Description = "30 days before the end would be before the beginning")]
    [TestCase(3, 2, ExpectedResult = true)]
    [TestCase(365, 400, ExpectedResult = true, Description = "it has ended")]
    public bool The_end_is_near_in_the_last_30_days_or_the_last_third(double lifeDays, double ageDays) =>
        new CertificateTerm(new LinkIdentity(Guid.Empty, LinkRole.Node, "n1"), Begins, Begins.AddDays(lifeDays))
            .IsNearEnd(Begins.AddDays(ageDays));
}
