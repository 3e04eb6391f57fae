using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Replication.Links.Tls;

namespace Gateway.Replication.Tests.Links.Tls;

public sealed class LinkAuthorityTests
{
    private static readonly Guid Cluster = TestCertificates.Cluster;

    private static DateTimeOffset Now => TestCertificates.Now;

    [Test]
    public void A_certificate_says_who_it_is_for_and_what_it_may_be_used_for()
    {
        using var authority = LinkAuthority.Make(Cluster, Now, TimeSpan.FromDays(10));
        foreach (var (role, usage) in new[] { (LinkRole.Node, "1.3.6.1.5.5.7.3.1"), (LinkRole.Gateway, "1.3.6.1.5.5.7.3.2") })
        {
            var issued = authority.Issue(role, "one", Now, TimeSpan.FromDays(1));
            using var certificate = X509Certificate2.CreateFromPem(issued.CertificatePem, issued.KeyPem);
            Assert.That(LinkIdentity.TryRead(certificate), Is.EqualTo(new LinkIdentity(Cluster, role, "one")));
            Assert.That(
                certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value),
                Is.EqualTo(new[] { usage }));
            Assert.That(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority, Is.False);
            using var key = certificate.GetECDsaPublicKey()!;
            Assert.That(key.ExportParameters(false).Curve.Oid.FriendlyName, Is.EqualTo("nistP256").Or.EqualTo("ECDSA_P256"));
            Assert.That(authority.HasIssued(issued.CertificatePem));
            Assert.That(issued.ToString(), Does.Not.Contain("PRIVATE"));
        }
    }

    [Test]
    public void It_is_read_again_from_among_its_predecessors_and_goes_on()
    {
        using var before = LinkAuthority.Make(Cluster, Now, TimeSpan.FromDays(10));
        using var authority = LinkAuthority.Make(Cluster, Now, TimeSpan.FromDays(10));
        using var again = LinkAuthority.Read(before.CertificatePem + authority.CertificatePem, authority.ExportKeyPem());
        Assert.That(again.CertificatePem, Is.EqualTo(authority.CertificatePem));
        Assert.That(again.Cluster, Is.EqualTo(Cluster));
        var issued = again.Issue(LinkRole.Node, "n1", Now, TimeSpan.FromDays(1));
        Assert.That(authority.HasIssued(issued.CertificatePem));
        Assert.That(before.HasIssued(issued.CertificatePem), Is.False);
        Assert.That(() => LinkAuthority.Read(before.CertificatePem, authority.ExportKeyPem()), Throws.TypeOf<CertificateException>());
        Assert.That(() => LinkAuthority.Read("", authority.ExportKeyPem()), Throws.TypeOf<CertificateException>());
        Assert.That(() => LinkAuthority.Read(before.CertificatePem, "no key"), Throws.TypeOf<CertificateException>());
    }

    [Test]
    public void Nothing_outlives_it()
    {
        using var authority = LinkAuthority.Make(Cluster, Now, TimeSpan.FromDays(10));
        Assert.That(authority.Issue(LinkRole.Node, "n1", Now, TimeSpan.FromDays(11)).Expires, Is.EqualTo(authority.Expires));
        Assert.That(
            () => authority.Issue(LinkRole.Node, "n1", Now.AddDays(11), TimeSpan.FromDays(1)), Throws.TypeOf<CertificateException>());
    }

    [TestCase("")]
    [TestCase("n/1")]
    [TestCase("n 1")]
    public void A_name_that_no_certificate_can_carry_is_refused(string name)
    {
        using var authority = LinkAuthority.Make(Cluster, Now, TimeSpan.FromDays(10));
        Assert.That(() => authority.Issue(LinkRole.Node, name, Now, TimeSpan.FromDays(1)), Throws.ArgumentException);
    }
}
