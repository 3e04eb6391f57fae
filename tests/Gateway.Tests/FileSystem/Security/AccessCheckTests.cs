using Gateway.FileSystem.Security;
using static Gateway.Tests.FileSystem.Security.Descriptors;

namespace Gateway.Tests.FileSystem.Security;

/// <summary>Who is granted what (MS-DTYP 2.5.3.2).</summary>
internal sealed class AccessCheckTests
{
    private const AccessMask OfOwner = AccessMask.ReadControl | AccessMask.WriteDacl;

    private static readonly SecurityToken User = Token(1000);
    private static readonly SecurityToken Member = Token(1001);
    private static readonly SecurityToken Stranger = Token(1002, 200);

    [TestCase(AccessMask.GenericRead, 0x120089u)]
    [TestCase(AccessMask.GenericWrite, 0x120116u)]
    [TestCase(AccessMask.GenericExecute, 0x1200A0u)]
    [TestCase(AccessMask.GenericAll, 0x1F01FFu)]
    [TestCase(AccessMask.GenericRead | AccessMask.Delete, 0x130089u)]
    [TestCase(AccessMask.MaximumAllowed, 0x2000000u)]
    public void GenericRightsAreTheRightsOfFiles(AccessMask generic, uint mapped) =>
        Assert.That((uint)AccessCheck.MapGeneric(generic), Is.EqualTo(mapped));

    [Test]
    public void RightsAddUpOverUserAndGroups()
    {
        var descriptor = With(
            Allow(Owner, AccessMask.ReadData), Allow(Group, AccessMask.WriteData), Allow(WellKnownSids.Everyone, AccessMask.Execute));

        Assert.That(AccessCheck.Granted(descriptor, User), Is.EqualTo(OfOwner | AccessMask.ReadData | AccessMask.WriteData | AccessMask.Execute));
        Assert.That(AccessCheck.Granted(descriptor, Member), Is.EqualTo(AccessMask.WriteData | AccessMask.Execute));
        Assert.That(AccessCheck.Granted(descriptor, Stranger), Is.EqualTo(AccessMask.Execute));
    }

    [Test]
    public void TheFirstEntryThatSpeaksOfARightDecidesIt()
    {
        var denyFirst = With(Deny(Group, AccessMask.WriteData), Allow(WellKnownSids.Everyone, AccessMask.ReadData | AccessMask.WriteData));
        var allowFirst = With(Allow(WellKnownSids.Everyone, AccessMask.ReadData | AccessMask.WriteData), Deny(Group, AccessMask.WriteData));

        Assert.That(AccessCheck.Granted(denyFirst, Member), Is.EqualTo(AccessMask.ReadData));
        Assert.That(AccessCheck.Granted(denyFirst, Stranger), Is.EqualTo(AccessMask.ReadData | AccessMask.WriteData));
        Assert.That(AccessCheck.Granted(allowFirst, Member), Is.EqualTo(AccessMask.ReadData | AccessMask.WriteData));
    }

    [Test]
    public void NoListGrantsEverythingAndAnEmptyOneNothingButTheOwnersRights()
    {
        Assert.That(AccessCheck.Granted(With() with { Dacl = null }, Stranger), Is.EqualTo(AccessMask.FileAll));
        Assert.That(AccessCheck.Granted(With(), Stranger), Is.EqualTo(AccessMask.None));
        Assert.That(AccessCheck.Granted(With(), User), Is.EqualTo(OfOwner));
    }

    [Test]
    public void OwnerRightsReplaceWhatTheOwnerHasByItself()
    {
        var descriptor = With(Allow(Owner, AccessMask.FileRead), Allow(WellKnownSids.OwnerRights, AccessMask.WriteData));

        Assert.That(AccessCheck.Granted(descriptor, User), Is.EqualTo(AccessMask.FileRead | AccessMask.WriteData));
        Assert.That(AccessCheck.Granted(descriptor, Member), Is.EqualTo(AccessMask.None));
    }

    [Test]
    public void OwnerRightsCanBeDeniedBeforeButNotAfter()
    {
        var before = With(Deny(WellKnownSids.OwnerRights, AccessMask.ReadData), Allow(Owner, AccessMask.FileRead));
        var after = With(
            Allow(Owner, AccessMask.FileRead),
            Allow(WellKnownSids.OwnerRights, AccessMask.WriteData),
            Deny(WellKnownSids.OwnerRights, AccessMask.WriteData | AccessMask.ReadData));

        Assert.That(AccessCheck.Granted(before, User), Is.EqualTo(AccessMask.FileRead & ~AccessMask.ReadData));
        Assert.That(AccessCheck.Granted(after, User), Is.EqualTo(AccessMask.FileRead | AccessMask.WriteData));
    }

    [Test]
    public void EntriesForChildrenAndOwnerRightsForChildrenSayNothingHere()
    {
        var descriptor = With(
            Allow(WellKnownSids.Everyone, AccessMask.FileAll, Files | ChildrenOnly),
            Deny(WellKnownSids.OwnerRights, AccessMask.WriteDacl, Files | ChildrenOnly));

        Assert.That(AccessCheck.Granted(descriptor, User), Is.EqualTo(OfOwner));
    }

    [Test]
    public void AConditionalGrantDoesNotCountAndAConditionalDenialDoes()
    {
        var descriptor = With(
            new AccessControlEntry(AceType.AccessDeniedCallback, AceFlags.None, AccessMask.WriteData, WellKnownSids.Everyone),
            new AccessControlEntry(AceType.AccessAllowedCallback, AceFlags.None, AccessMask.ReadData, WellKnownSids.Everyone),
            Allow(WellKnownSids.Everyone, AccessMask.WriteData | AccessMask.Execute));

        Assert.That(AccessCheck.Granted(descriptor, Stranger), Is.EqualTo(AccessMask.Execute));
    }

    [Test]
    public void MaximumAllowedExcusesNothingElse()
    {
        var descriptor = With(Allow(WellKnownSids.Everyone, AccessMask.ReadData));

        Assert.That(AccessCheck.Allows(descriptor, Member, AccessMask.MaximumAllowed, out var granted), Is.True);
        Assert.That(granted, Is.EqualTo(AccessMask.ReadData));
        Assert.That(AccessCheck.Allows(descriptor, Member, AccessMask.MaximumAllowed | AccessMask.WriteData, out granted), Is.False);
        Assert.That(granted, Is.EqualTo(AccessMask.None));
        Assert.That(AccessCheck.Allows(descriptor, Member, AccessMask.AccessSystemSecurity, out _), Is.False);
    }

    [Test]
    public void AnAdministratorMayEverything()
    {
        Assert.That(AccessCheck.Allows(With(), Token(0), AccessMask.GenericAll | AccessMask.AccessSystemSecurity, out var granted), Is.True);
        Assert.That(granted, Is.EqualTo(AccessMask.FileAll | AccessMask.AccessSystemSecurity));
        Assert.That(AccessCheck.Allows(With(), Token(0), AccessMask.MaximumAllowed, out granted), Is.True);
        Assert.That(granted, Is.EqualTo(AccessMask.FileAll));
    }

    [Test]
    public void ADirectoryGrantsDeletionOfItsChildren()
    {
        var file = With(Allow(WellKnownSids.Everyone, AccessMask.ReadData));
        var open = With(Allow(WellKnownSids.Everyone, AccessMask.DeleteChild));
        var sticky = ModeMapping.FromMode(0, 0, 0x3FF, directory: true, Map);
        var modify = With(Allow(WellKnownSids.Everyone, AccessMask.WriteData | AccessMask.AppendData));

        Assert.That(AccessCheck.Granted(file, With(), Member), Is.EqualTo(AccessMask.ReadData | AccessMask.ReadAttributes));
        Assert.That(AccessCheck.Granted(file, open, Member), Is.EqualTo(AccessMask.ReadData | AccessMask.ReadAttributes | AccessMask.Delete));
        Assert.That(AccessCheck.Granted(file, sticky, Member) & AccessMask.Delete, Is.EqualTo(AccessMask.None));
        Assert.That(AccessCheck.Granted(file, sticky, User) & AccessMask.Delete, Is.EqualTo(AccessMask.Delete));
        Assert.That(AccessCheck.Granted(file, modify, User) & AccessMask.Delete, Is.EqualTo(AccessMask.None));
    }

    [Test]
    public void AnOwnerIsNamedOfTheToken()
    {
        Assert.That(AccessCheck.AllowsOwner(Owner, User), Is.True);
        Assert.That(AccessCheck.AllowsOwner(WellKnownSids.Everyone, User), Is.True);
        Assert.That(AccessCheck.AllowsOwner(Owner, Member), Is.False);
        Assert.That(AccessCheck.AllowsOwner(Owner, Token(0)), Is.True);
    }
}
