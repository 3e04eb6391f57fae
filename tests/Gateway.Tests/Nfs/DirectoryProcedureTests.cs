using Gateway.Protocol.Nfs3;

namespace Gateway.Tests.Nfs;

/// <summary>READDIR and READDIRPLUS.</summary>
public sealed class DirectoryProcedureTests : NfsFixture
{
    [Test]
    public async Task An_empty_directory_has_itself_and_its_parent()
    {
        var page = await Client.ReadDirAsync(Root);
        Assert.That(page.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(page.Entries.Select(entry => entry.Name), Is.EqualTo(new[] { ".", ".." }));
        Assert.That(page.IsEnd);
        Assert.That(page.Attributes, Is.EqualTo(await Client.AttributesAsync(Root)));
    }

    [TestCase(false, 200u)]
    [TestCase(false, 512u)]
    [TestCase(false, 4096u)]
    [TestCase(true, 400u)]
    [TestCase(true, 512u)]
    [TestCase(true, 4096u)]
    public async Task Every_entry_comes_once_however_small_the_pages(bool plus, uint count)
    {
        var names = Enumerable.Range(0, 60).Select(number => $"file-{number}-{new string('n', number)}").ToList();
        foreach (var name in names) await Client.FileAsync(Root, name);

        var seen = new List<string>();
        ulong cookie = 0, verifier = 0;
        while (true)
        {
            var page = plus
                ? await Client.ReadDirPlusAsync(Root, cookie, count, count, verifier)
                : await Client.ReadDirAsync(Root, cookie, count, verifier);
            Assert.That(page.Status, Is.EqualTo(Nfs3Status.Ok));
            Assert.That(page.Bytes, Is.LessThanOrEqualTo(count));
            seen.AddRange(page.Entries.Select(entry => entry.Name));
            if (page.IsEnd) break;
            Assert.That(page.Entries, Is.Not.Empty, "no progress");
            (cookie, verifier) = (page.Entries[^1].Cookie, page.Verifier);
        }

        Assert.That(seen, Is.EquivalentTo(names.Append(".").Append("..")));
    }

    [Test]
    public async Task Cookies_stay_good_while_names_come_and_go()
    {
        foreach (var number in Enumerable.Range(0, 20)) await Client.FileAsync(Root, $"f{number:00}");
        var first = await Client.ReadDirAsync(Root, count: 400);
        var last = first.Entries[^1];
        await Client.RemoveAsync(Root, last.Name);
        await Client.FileAsync(Root, "added");

        var rest = await Client.ReadDirAsync(Root, last.Cookie, 8192, first.Verifier);
        var all = first.Entries.Concat(rest.Entries).Select(entry => entry.Name).ToList();
        Assert.That(all, Is.Unique);
        Assert.That(all, Is.SupersetOf(Enumerable.Range(0, 20).Select(number => $"f{number:00}")));
        Assert.That(rest.IsEnd);
    }

    [Test]
    public async Task Plus_gives_attributes_and_handles_that_lookup_would_give()
    {
        var directory = await Client.DirectoryAsync(Root, "d");
        await Client.FileAsync(directory, "f");
        var page = await Client.ReadDirPlusAsync(directory);
        foreach (var entry in page.Entries)
        {
            var found = await Client.LookupAsync(directory, entry.Name);
            Assert.That(entry.Handle, Is.EqualTo(found.Handle), entry.Name);
            Assert.That(entry.Attributes, Is.EqualTo(found.ObjectAttributes), entry.Name);
            Assert.That(entry.FileId, Is.EqualTo(found.ObjectAttributes?.FileId), entry.Name);
        }

        Assert.That(page.Entries, Has.Count.EqualTo(3));
    }

    [TestCase(0u)]
    [TestCase(107u)]
    [TestCase(130u)]
    public async Task A_page_without_room_for_one_entry_is_too_small(uint count)
    {
        var page = await Client.ReadDirAsync(Root, count: count);
        Assert.That(page.Status, Is.EqualTo(Nfs3Status.TooSmall));
        Assert.That(page.Attributes, Is.Not.Null);
        Assert.That((await Client.ReadDirPlusAsync(Root, countMax: count)).Status, Is.EqualTo(Nfs3Status.TooSmall));
    }

    [Test]
    public async Task The_end_is_not_too_small()
    {
        var all = await Client.ReadDirAsync(Root);
        var end = await Client.ReadDirAsync(Root, all.Entries[^1].Cookie, 150, all.Verifier);
        Assert.That(end.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(end.Entries, Is.Empty);
        Assert.That(end.IsEnd);
    }

    [Test]
    public async Task A_verifier_of_zero_is_taken_and_a_foreign_one_is_not()
    {
        var all = await Client.ReadDirAsync(Root);
        var cookie = all.Entries[0].Cookie;
        Assert.That((await Client.ReadDirAsync(Root, cookie)).Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(
            (await Client.ReadDirAsync(Root, cookie, verifier: 0xDEAD)).Status, Is.EqualTo(Nfs3Status.BadCookie));
        Assert.That((await Client.ReadDirAsync(Root, 0, verifier: 0xDEAD)).Status, Is.EqualTo(Nfs3Status.Ok));
    }

    [Test]
    public async Task Dircount_alone_also_ends_a_page()
    {
        foreach (var number in Enumerable.Range(0, 20)) await Client.FileAsync(Root, $"f{number}");
        var page = await Client.ReadDirPlusAsync(Root, directoryCount: 100, countMax: 65536);
        Assert.That(page.Entries, Has.Count.InRange(1, 4));
        Assert.That(page.IsEnd, Is.False);
    }

    [Test]
    public async Task A_file_is_not_a_directory()
    {
        var file = await Client.FileAsync(Root, "f");
        Assert.That((await Client.ReadDirAsync(file)).Status, Is.EqualTo(Nfs3Status.NotDirectory));
        Assert.That((await Client.ReadDirPlusAsync(file)).Status, Is.EqualTo(Nfs3Status.NotDirectory));
    }
}
