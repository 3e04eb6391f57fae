using Gateway.Hosting;

namespace Gateway.Tests.Hosting;

public sealed class SharedSecretTests
{
    private string _path = "";

    [SetUp]
    public void CreateDirectory() =>
        _path = Path.Combine(Directory.CreateTempSubdirectory("nasgate-secret").FullName, "conf", "secret");

    [TearDown]
    public void DeleteDirectory() =>
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(_path))!, recursive: true);

    [Test]
    public void The_first_start_makes_it_and_the_next_reads_the_same()
    {
        var made = SharedSecret.LoadOrCreate(_path);
        Assert.That(made, Has.Length.EqualTo(32));
        Assert.That(SharedSecret.LoadOrCreate(_path), Is.EqualTo(made));
        Assert.That(File.GetUnixFileMode(_path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    [Repeat(50)]
    public void First_starts_at_once_agree()
    {
        var secrets = new byte[8][];
        using var start = new Barrier(secrets.Length);
        var threads = Array.ConvertAll(Enumerable.Range(0, secrets.Length).ToArray(), index => new Thread(() =>
        {
            start.SignalAndWait();
            secrets[index] = SharedSecret.LoadOrCreate(_path);
        }));
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();

        Assert.That(secrets, Is.All.EqualTo(secrets[0]));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(_path)!), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_file_others_can_read_is_refused()
    {
        SharedSecret.LoadOrCreate(_path);
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.That(() => SharedSecret.LoadOrCreate(_path), Throws.TypeOf<StartException>());
    }

    [TestCase("")]
    [TestCase("abcd")]
    [TestCase("not hex at all")]
    public void A_file_without_a_secret_is_refused(string content)
    {
        SharedSecret.LoadOrCreate(_path);
        File.WriteAllText(_path, content);
        Assert.That(() => SharedSecret.LoadOrCreate(_path), Throws.TypeOf<StartException>());
    }
}
