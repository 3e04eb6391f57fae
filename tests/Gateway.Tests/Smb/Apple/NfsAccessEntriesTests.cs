using Gateway.FileSystem.Security;
using Gateway.Smb.Apple;
using Gateway.Tests.FileSystem.Opens;

namespace Gateway.Tests.Smb.Apple;

[TestFixture]
public sealed class NfsAccessEntriesTests : OpenFixture
{
    [Test]
    public async Task TheyTellOwnerAndModeAndAreTakenOutAgain()
    {
        var open = await OpenAsync(NewClient(1234), "f");
        await open.SetAttributesAsync(Mode(0x1A4));
        var attributes = (await open.GetAttributesAsync()).Attributes;
        var plain = (await Tree.ReadDescriptorAsync(open.File)).Descriptor!;

        var shown = NfsAccessEntries.Show(plain, attributes);
        var added = shown.Dacl!.Entries[^3..].ToArray();
        Assert.That(shown.Dacl.Entries.Length, Is.EqualTo(plain.Dacl!.Entries.Length + 3));
        Assert.That(
            added.Select(entry => entry.Sid.ToString()),
            Is.EqualTo(new[] { "S-1-5-88-1-1234", $"S-1-5-88-2-{attributes.Gid}", $"S-1-5-88-3-{0x81A4}" }));
        Assert.That(added.Select(entry => entry.Mask), Is.All.EqualTo(AccessMask.None));

        Assert.That(NfsAccessEntries.Take(shown, out var mode).Dacl, Is.EqualTo(plain.Dacl));
        Assert.That(mode, Is.EqualTo(0x1A4));
        NfsAccessEntries.Take(plain, out mode);
        Assert.That(mode, Is.Null);
    }
}
