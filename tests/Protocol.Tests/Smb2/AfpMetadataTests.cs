using Gateway.Protocol.Smb2;

namespace Gateway.Protocol.Tests.Smb2;

[TestFixture]
public sealed class AfpMetadataTests
{
    [Test]
    public void ABlankOneIsSignedAndTellsNothing()
    {
        var content = new byte[AfpMetadata.Bytes];
        AfpMetadata.WriteBlank(content);
        Assert.That(Convert.ToHexString(content[..16]), Is.EqualTo("41465000000001000000000000000080"));
        Assert.That(content[16..], Is.All.Zero);
        Assert.That(AfpMetadata.IsSigned(content), Is.True);
        Assert.That(AfpMetadata.IsTelling(content), Is.False);
    }

    [TestCase(15, false), TestCase(16, true), TestCase(47, true), TestCase(48, false)]
    public void OnlyFinderInfoTells(int offset, bool tells)
    {
        var content = new byte[AfpMetadata.Bytes];
        AfpMetadata.WriteBlank(content);
        content[offset] |= 1;
        Assert.That(AfpMetadata.IsTelling(content), Is.EqualTo(tells));
        Assert.That(AfpMetadata.IsTelling(content.AsSpan(..^1)), Is.False, "too short");
        content[0] = (byte)'B';
        Assert.That(AfpMetadata.IsTelling(content), Is.False, "not signed");
    }
}
