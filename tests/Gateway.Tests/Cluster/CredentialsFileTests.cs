using Gateway.Cluster;
using Gateway.Hosting;
using Gateway.Replication.Control.Etcd;

namespace Gateway.Tests.Cluster;

public sealed class CredentialsFileTests
{
    private string _file = null!;

    [SetUp]
    public void SetUp() => _file = Path.GetTempFileName();

    [TearDown]
    public void TearDown() => File.Delete(_file);

    [Test]
    public void A_password_may_hold_colons_and_is_not_shown()
    {
        File.WriteAllText(_file, "gw:a:b c\n");
        Assert.That(CredentialsFile.Read(_file), Is.EqualTo(new EtcdCredentials("gw", "a:b c")));
        Assert.That(CredentialsFile.Read(_file).ToString(), Does.Not.Contain("a:b"));
    }

    [TestCase("")]
    [TestCase("gw")]
    [TestCase(":secret")]
    [TestCase("gw:")]
    [TestCase("gw:secret\nmore")]
    public void Anything_else_is_refused_without_showing_it(string text)
    {
        File.WriteAllText(_file, text);
        Assert.That(() => CredentialsFile.Read(_file), Throws.TypeOf<StartException>().With.Message.Not.Contains("secret"));
    }

    [Test]
    public void Others_must_not_read_it()
    {
        File.WriteAllText(_file, "gw:secret");
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.That(() => CredentialsFile.Read(_file), Throws.TypeOf<StartException>().With.Message.Contains("chmod 600"));
    }
}
