using Gateway.FileSystem.Security;
using static Gateway.Tests.FileSystem.Security.Descriptors;

namespace Gateway.Tests.FileSystem.Security;

/// <summary>Descriptors on the wire, and what setting parts of them keeps (MS-DTYP 2.4.4 to 2.4.6).</summary>
internal sealed class SecurityDescriptorTests
{
    private const SecurityControl Inherits = SecurityControl.DaclAutoInherited;
    private const SecurityControl Asks = SecurityControl.DaclInheritanceRequired;
    private const SecurityControl Protected = SecurityControl.DaclProtected;

    private static readonly SecurityDescriptor Full = new()
    {
        Owner = Owner,
        Group = Group,
        Dacl = new AccessControlList(
            Deny(WellKnownSids.Everyone, AccessMask.Delete),
            Allow(Owner, AccessMask.FileAll, Files | Directories),
            new AccessControlEntry(AceType.AccessAllowedObject, AceFlags.None, AccessMask.ReadData, Group)
            {
                ObjectFlags = 3,
                ObjectType = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
                InheritedObjectType = new Guid(11, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1),
            },
            new AccessControlEntry(AceType.AccessAllowedCallback, AceFlags.None, AccessMask.ReadData, Group)
            {
                ApplicationData = new byte[] { 0x61, 0x72, 0x74, 0x78 },
            }),
        Sacl = new AccessControlList(
            new AccessControlEntry(AceType.SystemAudit, AceFlags.FailedAccess, AccessMask.FileAll, WellKnownSids.Everyone)),
        Control = SecurityControl.SelfRelative | SecurityControl.DaclPresent | SecurityControl.SaclPresent | Protected,
    };

    [Test]
    public void WhatIsWrittenIsRead()
    {
        Assert.That(SecurityDescriptor.TryParse(Full.ToBytes(), out var read), Is.True);
        Assert.That(read, Is.EqualTo(Full));
        Assert.That(read.Dacl!.Revision, Is.EqualTo(AccessControlList.ObjectRevision));
        Assert.That(read.ToBytes(), Is.EqualTo(Full.ToBytes()));
    }

    [Test]
    public void AListSetAsInheritedMayKeepThatMark()
    {
        var given = Full with { Control = Full.Control | Inherits };
        Assert.That(Full.With(given, SecurityInformation.Dacl).Control & Inherits, Is.EqualTo(SecurityControl.None));
        Assert.That(Full.With(given.KeepingAutoInherited(), SecurityInformation.Dacl).Control & (Inherits | Asks), Is.EqualTo(Inherits));
        Assert.That(Full.KeepingAutoInherited(), Is.EqualTo(Full));
    }

    [Test]
    public void EveryTruncationIsRefused()
    {
        var bytes = Full.ToBytes();
        for (var cut = 0; cut < bytes.Length; cut++)
            Assert.That(SecurityDescriptor.TryParse(bytes.AsSpan(0, cut), out _), Is.False, $"{cut} bytes");
    }

    [Test]
    public void DamageIsSurvived()
    {
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Full.ToBytes();
            for (var hits = random.Next(1, 5); hits > 0; hits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

            // Whatever was taken for a descriptor can be written and is the same then.
            if (!SecurityDescriptor.TryParse(bytes, out var read)) continue;
            Assert.That(SecurityDescriptor.TryParse(read.ToBytes(), out var again), Is.True, $"seed 1, round {round}");
            Assert.That(again, Is.EqualTo(read), $"seed 1, round {round}");
        }
    }

    [Test]
    public void EntriesThatDoNotFitTheirListAreRefused()
    {
        var bytes = With(Allow(Owner, AccessMask.FileAll)).ToBytes(SecurityInformation.Dacl);

        // AceCount, AclSize and AceSize, one after the other, larger than what is there.
        foreach (var position in new[] { 20 + 4, 20 + 2, 20 + 8 + 2 })
        {
            var damaged = bytes.ToArray();
            damaged[position] += 4;
            Assert.That(SecurityDescriptor.TryParse(damaged, out _), Is.False, $"at {position}");
        }
    }

    [Test]
    public void ANullListAndAnEmptyOneAreDifferent()
    {
        var none = new SecurityDescriptor { Owner = Owner };
        var empty = none with { Dacl = AccessControlList.Empty };

        Assert.That(SecurityDescriptor.TryParse(none.ToBytes(), out var readNone), Is.True);
        Assert.That(SecurityDescriptor.TryParse(empty.ToBytes(), out var readEmpty), Is.True);
        Assert.That(readNone.Dacl, Is.Null);
        Assert.That(readNone.HasDacl, Is.True);
        Assert.That(readEmpty.Dacl, Is.EqualTo(AccessControlList.Empty));
    }

    [Test]
    public void OnlyThePartsAskedForAreTold()
    {
        Assert.That(SecurityDescriptor.TryParse(Full.ToBytes(SecurityInformation.Owner), out var owner), Is.True);
        Assert.That(owner, Is.EqualTo(new SecurityDescriptor { Owner = Owner, Control = SecurityControl.SelfRelative }));

        Assert.That(SecurityDescriptor.TryParse(Full.ToBytes(SecurityInformation.Dacl | SecurityInformation.Group), out var dacl), Is.True);
        Assert.That(dacl.Owner, Is.Null);
        Assert.That(dacl.Group, Is.EqualTo(Group));
        Assert.That(dacl.Sacl, Is.Null);
        Assert.That(dacl.Control, Is.EqualTo(SecurityControl.SelfRelative | SecurityControl.DaclPresent | Protected));
    }

    [TestCase(SecurityControl.None, SecurityControl.None)]
    [TestCase(Inherits, SecurityControl.None)]
    [TestCase(Asks, SecurityControl.None)]
    [TestCase(Inherits | Asks, Inherits)]
    [TestCase(Inherits | Asks | Protected, Inherits | Protected)]
    [TestCase(Protected, Protected)]
    public void InheritanceIsKeptAsTheClientMeansIt(SecurityControl given, SecurityControl kept)
    {
        var set = With(Allow(Owner, AccessMask.GenericRead, AceFlags.Inherited)) with
        {
            Control = SecurityControl.SelfRelative | SecurityControl.DaclPresent | given,
        };

        var updated = Full.With(set, SecurityInformation.Dacl);

        Assert.That(updated.Control & (Inherits | Asks | Protected), Is.EqualTo(kept));
        Assert.That(updated.Dacl, Is.EqualTo(new AccessControlList(Allow(Owner, AccessMask.FileRead, AceFlags.Inherited))));
        Assert.That(updated.Sacl, Is.EqualTo(Full.Sacl));

        // A new owner changes nothing of that.
        var chowned = updated.With(new SecurityDescriptor { Owner = WellKnownSids.Everyone }, SecurityInformation.Owner);
        Assert.That(chowned, Is.EqualTo(updated with { Owner = WellKnownSids.Everyone }));
    }

    [Test]
    public void PartsThatAreAnnouncedButNotThereChangeNothing()
    {
        var nothing = new SecurityDescriptor { Control = SecurityControl.SelfRelative };

        Assert.That(Full.With(nothing, SecurityInformation.All & ~SecurityInformation.Dacl), Is.EqualTo(Full));
    }

    [Test]
    public void AMissingListThatIsSetForbidsNothing()
    {
        var nothing = new SecurityDescriptor { Control = SecurityControl.SelfRelative };
        var updated = Full.With(nothing, SecurityInformation.Dacl);
        Assert.That(updated.HasDacl, Is.True);
        Assert.That(updated.Dacl, Is.Null);
        Assert.That(updated.Owner, Is.EqualTo(Full.Owner));
    }
}
