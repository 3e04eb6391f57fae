using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Gateway.Lab.Kernel;

/// <summary>What people do with a share by Samba's smbclient, and whom the server lets in.</summary>
[TestFixture, Category("Lab")]
public sealed class SmbclientTests
{
    private const string OpenToAll = "4450";

    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private Nasgate _nasgate = null!;
    private HostProcess _gateway = null!;
    private SmbUser _user = null!;
    private Smbclient _client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        _nasgate = new Nasgate(_network, _directory);
        _gateway = await _nasgate.UpAsync(
            _directory["data"], "--smb-port", "445", "--shares", "files,archive=archive:ro,vault=vault:encrypt");
        _user = await _nasgate.AddUserAsync("lab");
        _client = new Smbclient(_network, _directory);
        var (code, output) = _client.Do(_user, "mkdir archive; mkdir vault");
        Assert.That(code, Is.Zero, output);
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _gateway.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void TheSharesAreListed()
    {
        var (code, output) = _client.Run("-L", LabNetwork.HostAddress, "-A", _user.CredentialsFile, "-g");

        Assert.That(code, Is.Zero, output);
        foreach (var share in new[] { "Disk|files|", "Disk|archive|", "Disk|vault|", "IPC|IPC$|" })
            Assert.That(output, Does.Contain(share));
    }

    [Test]
    public void WhoHasNoNameIsRefused()
    {
        var (code, output) = _client.Run("-N", "-L", LabNetwork.HostAddress);
        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain("NT_STATUS_ACCESS_DENIED").And.Not.Contain("files"));
    }

    [Test]
    public async Task WhoHasNoNameMayListWhereItIsAllowedAndNothingElse()
    {
        using var gateway = await _nasgate.UpAsync(
            _directory["open"], "--smb-port", OpenToAll, "--nfs-port", "2050", "--http-port", "8090", "--allow-anonymous-list");

        var (code, output) = _client.Run("-N", "-L", LabNetwork.HostAddress, "-p", OpenToAll, "-g");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("Disk|files|"));
        (code, output) = _client.Run("-N", $"//{LabNetwork.HostAddress}/files", "-p", OpenToAll, "-c", "ls");
        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain("NT_STATUS_ACCESS_DENIED"));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase((8 << 20) + 1)]
    public void WhatIsPutIsGot(int bytes)
    {
        var content = RandomNumberGenerator.GetBytes(bytes);
        File.WriteAllBytes(_client["put"], content);
        Succeed($"put put whole{bytes}; get whole{bytes} got");

        Assert.That(File.ReadAllBytes(_client["got"]), Is.EqualTo(content));
    }

    [Test]
    public void ManyAreGotAtOnce()
    {
        File.WriteAllText(_client["leaf"], "leaf");
        Succeed("mkdir many; cd many; mkdir below; put leaf one.txt; put leaf two.txt; put leaf three.dat; put leaf below/four.txt");
        Directory.CreateDirectory(_client["taken"]);
        Succeed("lcd taken; cd many; recurse; prompt; mget *.txt below");

        var taken = Directory.EnumerateFiles(_client["taken"], "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(_client["taken"], file));
        Assert.That(taken, Is.EquivalentTo(["one.txt", "two.txt", "below/four.txt"]));
        Assert.That(File.ReadAllText(_client["taken/below/four.txt"]), Is.EqualTo("leaf"));
    }

    [TestCase("*", "a.txt", "ab.txt", "b.bin", "noext", "A file of.txt")]
    [TestCase("*.txt", "a.txt", "ab.txt", "A file of.txt")]
    [TestCase("A*", "a.txt", "ab.txt", "A file of.txt")]
    [TestCase("?.*", "a.txt", "b.bin")]
    [TestCase("*of*", "A file of.txt")]
    [TestCase("noext", "noext")]
    public void PatternsSelect(string pattern, params string[] names)
    {
        File.WriteAllText(_client["leaf"], "leaf");
        Succeed("mkdir patterns; cd patterns; put leaf a.txt; put leaf ab.txt; put leaf b.bin; put leaf noext; put leaf \"A file of.txt\"");

        Assert.That(Listed(Succeed($"cd patterns; ls {pattern}")), Is.EquivalentTo(names));
    }

    [Test]
    public void APatternOfNothingIsNoSuchFile() =>
        Assert.That(_client.Do(_user, "ls *.nothing").Output, Does.Contain("NT_STATUS_NO_SUCH_FILE"));

    [Test]
    public void AllIsToldOfAFile()
    {
        File.WriteAllText(_client["leaf"], "leaf");
        var told = Succeed("put leaf told.txt; put leaf told.txt:aside; allinfo told.txt");

        foreach (var time in new[] { "create", "access", "write", "change" })
            Assert.That(told, Does.Match($@"{time}_time: +\w{{3}} \w{{3}} +\d+ [\d:]{{8}} 20\d\d"));
        Assert.That(told, Does.Contain("attributes: A (20)"));
        Assert.That(told, Does.Contain("stream: [::$DATA], 4 bytes"));
        Assert.That(told, Does.Contain("stream: [:aside:$DATA], 4 bytes"));
    }

    [Test]
    public void FilesAndDirectoriesAreRenamedAndRemoved()
    {
        File.WriteAllText(_client["leaf"], "leaf");
        Succeed("mkdir moves; cd moves; put leaf first; put leaf other; mkdir inner; put leaf inner/file");
        var (_, output) = _client.Do(_user, "cd moves; rename first other; rmdir inner; del nothing; mkdir inner; rename none some");
        Assert.That(output, Does.Contain("NT_STATUS_OBJECT_NAME_COLLISION renaming files"));
        Assert.That(output, Does.Contain("NT_STATUS_DIRECTORY_NOT_EMPTY removing"));
        Assert.That(output, Does.Contain("NT_STATUS_NO_SUCH_FILE listing"));
        Assert.That(output, Does.Contain("NT_STATUS_OBJECT_NAME_COLLISION making"));
        Assert.That(output, Does.Contain("NT_STATUS_OBJECT_NAME_NOT_FOUND renaming files"));

        Succeed("cd moves; rename first SECOND; rename SECOND second; rename inner outer; del other; del outer\\file; rmdir outer");
        Assert.That(Listed(Succeed("cd moves; ls")), Is.EquivalentTo(["second"]));
    }

    [Test]
    public void TheExtensionsForUnixAreRefusedAndTheSessionGoesOn()
    {
        var (code, output) = _client.Do(_user, "posix; chmod 600 x; getfacl x; mkdir afterwards; ls afterwards");

        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("Server doesn't support UNIX CIFS extensions"));
        Assert.That(Listed(output), Is.EquivalentTo(["afterwards"]));
    }

    [Test]
    public void NothingIsChangedThroughAShareForReading()
    {
        File.WriteAllText(_client["leaf"], "leaf");
        Succeed("put leaf archive/kept");
        var (_, output) = _client.Do(_user, "put leaf new; del kept; rename kept lost; mkdir new; get kept got", "archive");

        Assert.That(Regex.Count(output, "NT_STATUS_(ACCESS_DENIED|MEDIA_WRITE_PROTECTED)"), Is.EqualTo(4), output);
        Assert.That(File.ReadAllText(_client["got"]), Is.EqualTo("leaf"));
        Assert.That(Listed(Succeed("ls", "archive")), Is.EquivalentTo(["kept"]));
    }

    [TestCase("wrong"), TestCase("")]
    public void AWrongPasswordIsALogonFailure(string password)
    {
        var (code, output) = _client.Run($"//{LabNetwork.HostAddress}/files", "-U", $"{_user.Name}%{password}", "-c", "ls");

        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain("NT_STATUS_LOGON_FAILURE"));
    }

    [Test]
    public async Task WhoIsDisabledOrRemovedIsRefused()
    {
        var leaver = await _nasgate.AddUserAsync("leaver");
        Assert.That(_client.Do(leaver, "ls").Code, Is.Zero);
        foreach (var (action, status) in new[]
            { ("disable", "NT_STATUS_ACCOUNT_DISABLED"), ("enable", ""), ("remove", "NT_STATUS_LOGON_FAILURE") })
        {
            var (done, said) = await _nasgate.RunAsync("user", action, "leaver");
            Assert.That(done, Is.Zero, said);
            var (code, output) = _client.Do(leaver, "ls");
            Assert.That(code, status.Length == 0 ? Is.Zero : Is.Not.Zero, action);
            Assert.That(output, Does.Contain(status), action);
        }
    }

    [TestCase("SMB2_02"), TestCase("SMB2_10"), TestCase("SMB3_00"), TestCase("SMB3_02"), TestCase("SMB3_11")]
    public void EveryDialectIsSignedAndTheNewOnesSealed(string dialect)
    {
        File.WriteAllBytes(_client["leaf"], RandomNumberGenerator.GetBytes(300_000));
        foreach (var protection in new[] { "sign", "encrypt" })
        {
            var (code, output) = _client.Do(
                _user, "put leaf protected; get protected got", "files", [.. Smbclient.Only(dialect), $"--client-protection={protection}"]);
            if (protection == "encrypt" && dialect.StartsWith("SMB2", StringComparison.Ordinal))
            {
                Assert.That(code, Is.Not.Zero, "the client finds no encryption");
                continue;
            }

            Assert.That(code, Is.Zero, output);
            Assert.That(File.ReadAllBytes(_client["got"]), Is.EqualTo(File.ReadAllBytes(_client["leaf"])));
        }
    }

    [Test]
    public void AShareThatEncryptsIsForClientsThatCan()
    {
        Assert.That(_client.Do(_user, "ls", "vault", Smbclient.Only("SMB2_10")).Output, Does.Contain("NT_STATUS_ACCESS_DENIED"));
        Succeed("ls", "vault");
    }

    // Of a listing: the names, without the directory itself and its parent.
    private static IEnumerable<string> Listed(string output) =>
        Regex.Matches(output, @"^  (?<name>.+?) +[A-Za-z]+ +\d+  \w{3} \w{3} ", RegexOptions.Multiline)
            .Select(match => match.Groups["name"].Value)
            .Where(name => name is not ("." or ".."));

    private string Succeed(string commands, string share = "files")
    {
        var (code, output) = _client.Do(_user, commands, share);
        Assert.That(code, Is.Zero, output);
        return output;
    }
}
