using Gateway.Protocol.Ntlm;
using Gateway.Replication.Control;
using Gateway.Users;

namespace Gateway.Tests.Users;

public sealed class UserDirectoryTests
{
    private ControlDirectory _control = null!;

    [SetUp]
    public void Open() => _control = new ControlDirectory();

    [TearDown]
    public void Close() => _control.Dispose();

    [Test]
    public async Task Users_get_free_numbers_and_are_found_without_case()
    {
        var users = _control.Users();
        Assert.That(await users.IsFoundedAsync(default), Is.False);
        await users.AddAsync(new NewUser("ann", "a"), default);
        await users.AddAsync(new NewUser("Ben", "b") { Uid = 1001, Gid = 7, Groups = [5] }, default);
        var third = await users.AddAsync(new NewUser("cy", "c"), default);

        Assert.That((third.Uid, third.Gid), Is.EqualTo((1002u, 100u)), "the team's group");
        var ben = await _control.Users().FindAsync("BEN", default);
        Assert.That((ben!.Name, ben.Uid, ben.Gid), Is.EqualTo(("Ben", 1001u, 7u)));
        Assert.That(ben.Groups, Is.EqualTo(new[] { 5u }));
        Assert.That((await users.ListAsync(default)).Select(user => user.Name), Is.EqualTo(new[] { "ann", "Ben", "cy" }));
        Assert.That(await users.IsFoundedAsync(default));
    }

    [TestCase("ann", null, "already")]
    [TestCase("ANN", null, "already")]
    [TestCase("dan", 1000u, "uid 1000 is the user 'ann'")]
    [TestCase("dan", 65534u, "cannot be a uid")]
    [TestCase("dan", uint.MaxValue, "cannot be a uid")]
    [TestCase("", null, "is no user name")]
    [TestCase("a b", null, "is no user name")]
    [TestCase("-a", null, "is no user name")]
    [TestCase("a\n", null, "is no user name")]
    [TestCase("jörg", null, "is no user name")]
    [TestCase("a@b", null, "is no user name")]
    public async Task What_makes_no_sense_is_refused(string name, uint? uid, string says)
    {
        var users = _control.Users();
        await users.AddAsync(new NewUser("ann", "a"), default);
        Assert.That(
            async () => await users.AddAsync(new NewUser(name, "p") { Uid = uid }, default),
            Throws.TypeOf<UserException>().With.Message.Contains(says));
        Assert.That(await users.ListAsync(default), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Changes_of_two_gateways_are_both_there()
    {
        var one = _control.Users();
        var two = _control.Users();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
            await (i % 2 == 0 ? one : two).AddAsync(new NewUser($"user{i}", "p"), default)));
        var all = await one.ListAsync(default);
        Assert.That(all, Has.Count.EqualTo(20));
        Assert.That(all.Select(user => user.Uid), Is.Unique);

        await one.RemoveAsync("user3", default);
        await two.SetDisabledAsync("user4", true, default);
        Assert.That(await two.FindAsync("user3", default), Is.Null);
        Assert.That((await one.FindAsync("user4", default))!.Disabled);
        Assert.That(async () => await one.SetDisabledAsync("user3", true, default), Throws.TypeOf<UserException>());
    }

    [Test]
    public async Task Who_is_not_who_logged_on_any_more_is_revoked()
    {
        var users = _control.Users();
        var revoked = new List<string>();
        users.Revoked += user => revoked.Add(user.Name);
        foreach (var name in new[] { "ann", "ben", "cy", "dan" }) await users.AddAsync(new NewUser(name, "p"), default);

        var loggedOn = (await users.ListAsync(default)).Select(AuthenticatedUser.Of).ToDictionary(user => user.Name);
        Assert.That(loggedOn.Values.All(users.IsCurrent));
        Assert.That(users.IsCurrent(AuthenticatedUser.Anonymous));
        await users.SetDisabledAsync("ann", true, default);
        await users.SetPasswordAsync("ben", "p", default);
        await users.RemoveAsync("cy", default);

        Assert.That(revoked, Is.EqualTo(new[] { "ann", "ben", "cy" }));
        Assert.That(loggedOn.Values.Where(users.IsCurrent).Select(user => user.Name), Is.EqualTo(new[] { "dan" }));
        await users.RemoveAsync("ann", default);
        Assert.That(revoked, Has.Count.EqualTo(3), "a disabled user has no sessions");

        await _control.Users().RemoveAsync("dan", default);
        await users.ListAsync(default);
        Assert.That(revoked, Has.Member("dan"), "removed by another gateway");
    }

    [Test]
    public async Task The_hash_is_sealed_and_only_its_owner_reads_the_file()
    {
        var users = _control.Users();
        var user = await users.AddAsync(new NewUser("ann", "Pass1word!"), default);
        var hash = new byte[NtHash.Bytes];
        Assert.That(users.TryOpenSecret(user, hash));
        Assert.That(hash, Is.EqualTo(NtHash.Of("Pass1word!")));

        var file = Path.Combine(_control.Path, "control.json");
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(await File.ReadAllTextAsync(file), Does.Not.Contain(Convert.ToBase64String(hash)).And.Not.Contain("Pass1word"));
        Assert.That($"{user} {new NewUser("ann", "Pass1word!")}", Does.Not.Contain("Pass").And.Not.Contain("Secret"));

        Assert.That(_control.Users(secret: 2).TryOpenSecret(user, hash), Is.False, "another cluster");
        Assert.That(users.TryOpenSecret(user with { Name = "ben" }, hash), Is.False, "another user");
        Assert.That(users.TryOpenSecret(user with { Name = "ANN" }, hash), Is.True, "names have no case");
        Assert.That(users.TryOpenSecret(user with { Secret = user.Secret[1..] }, hash), Is.False);

        await users.SetPasswordAsync("Ann", "other", default);
        Assert.That(users.TryOpenSecret((await users.FindAsync("ann", default))!, hash));
        Assert.That(hash, Is.EqualTo(NtHash.Of("other")));
    }

    [Test]
    public async Task The_first_user_is_made_once()
    {
        var password = await FirstUser.TryMakeAsync(_control.Users(), default);
        Assert.That(password, Does.Match("^([a-z0-9]{5}-){3}[a-z0-9]{5}$"));
        Assert.That(await FirstUser.TryMakeAsync(_control.Users(), default), Is.Null);

        await _control.Users().RemoveAsync("nas", default);
        Assert.That(await FirstUser.TryMakeAsync(_control.Users(), default), Is.Null, "removed on purpose");
    }

    [Test]
    public async Task A_list_that_is_none_is_an_error()
    {
        await _control.Control.CompareAndSetAsync("users", 0, "null", default);
        Assert.That(async () => await _control.Users().ListAsync(default), Throws.TypeOf<ControlPlaneException>());
    }
}
