using Gateway.FileSystem.Security;
using static Gateway.Tests.FileSystem.Security.Descriptors;

namespace Gateway.Tests.FileSystem.Security;

/// <summary>What children get (MS-DTYP 2.5.3.4.3).</summary>
internal sealed class InheritanceTests
{
    private static readonly SecurityToken Creator = Token(1001);

    private static readonly Sid CreatorSid = Map.OfUser(1001);

    /// <summary>Flags of an entry of the parent; whether a file has it; the flags of the entry a directory has, if it has one.</summary>
    [TestCase(AceFlags.None, false, null)]
    [TestCase(Files, true, Files | ChildrenOnly)]
    [TestCase(Directories, false, Directories)]
    [TestCase(Files | Directories, true, Files | Directories)]
    [TestCase(OneLevel, false, null)]
    [TestCase(OneLevel | Files, true, null)]
    [TestCase(OneLevel | Directories, false, AceFlags.None)]
    [TestCase(OneLevel | Files | Directories, true, AceFlags.None)]
    [TestCase(ChildrenOnly, false, null)]
    [TestCase(ChildrenOnly | Files, true, Files | ChildrenOnly)]
    [TestCase(ChildrenOnly | Directories, false, Directories)]
    [TestCase(ChildrenOnly | Files | Directories, true, Files | Directories)]
    [TestCase(ChildrenOnly | OneLevel, false, null)]
    [TestCase(ChildrenOnly | OneLevel | Files, true, null)]
    [TestCase(ChildrenOnly | OneLevel | Directories, false, AceFlags.None)]
    [TestCase(ChildrenOnly | OneLevel | Files | Directories, true, AceFlags.None)]
    public void FlagsSayWhoInherits(AceFlags flags, bool file, AceFlags? directory)
    {
        var parent = With(Allow(Group, AccessMask.WriteData, flags), Allow(Owner, AccessMask.FileAll));

        var ofFile = Inheritance.ForChild(parent, null, Creator, directory: false);
        var ofDirectory = Inheritance.ForChild(parent, null, Creator, directory: true);

        Assert.That(ofFile?.Dacl, Is.EqualTo(file ? new AccessControlList(Allow(Group, AccessMask.WriteData)) : null));
        Assert.That(ofDirectory?.Dacl, Is.EqualTo(directory is { } kept ? new AccessControlList(Allow(Group, AccessMask.WriteData, kept)) : null));
    }

    [Test]
    public void TheCreatorTakesThePlaceThatIsKeptForHim()
    {
        var parent = With(
            Allow(WellKnownSids.CreatorOwner, AccessMask.GenericAll, Files | Directories),
            Allow(WellKnownSids.CreatorGroup, AccessMask.ReadData, Directories | OneLevel),
            Allow(WellKnownSids.CreatorGroup, AccessMask.Execute, Files));

        var file = Inheritance.ForChild(parent, null, Creator, directory: false)!;
        Assert.That(file.Owner, Is.EqualTo(CreatorSid));
        Assert.That(file.Group, Is.EqualTo(Group));
        Assert.That(file.Dacl, Is.EqualTo(new AccessControlList(Allow(CreatorSid, AccessMask.FileAll), Allow(Group, AccessMask.Execute))));

        var directory = Inheritance.ForChild(parent, null, Creator, directory: true)!;
        Assert.That(directory.Dacl, Is.EqualTo(new AccessControlList(
            Allow(CreatorSid, AccessMask.FileAll),
            Allow(WellKnownSids.CreatorOwner, AccessMask.GenericAll, Files | Directories | ChildrenOnly),
            Allow(Group, AccessMask.ReadData),
            Allow(WellKnownSids.CreatorGroup, AccessMask.Execute, Files | ChildrenOnly))));
    }

    [Test]
    public void TheMarkIsThatOfTheParent([Values] bool automatic)
    {
        var control = automatic ? SecurityControl.DaclAutoInherited : SecurityControl.None;
        var mark = automatic ? AceFlags.Inherited : AceFlags.None;
        var parent = With(Allow(Owner, AccessMask.WriteData, Files | Directories | AceFlags.Inherited));
        parent = parent with { Control = parent.Control | control | SecurityControl.DaclProtected };

        var file = Inheritance.ForChild(parent, null, Creator, directory: false)!;

        Assert.That(file.Dacl, Is.EqualTo(new AccessControlList(Allow(Owner, AccessMask.WriteData, mark))));
        Assert.That(file.Control, Is.EqualTo(SecurityControl.SelfRelative | SecurityControl.DaclPresent | control));
    }

    [Test]
    public void WhatIsGivenIsTaken()
    {
        var parent = With(Allow(Group, AccessMask.FileAll, Files | Directories));
        var given = new SecurityDescriptor { Owner = Owner, Dacl = new AccessControlList(Allow(Owner, AccessMask.GenericRead)) };

        var child = Inheritance.ForChild(parent, given, Creator, directory: false)!;

        Assert.That(child.Owner, Is.EqualTo(Owner));
        Assert.That(child.Group, Is.EqualTo(Group));
        Assert.That(child.Dacl, Is.EqualTo(new AccessControlList(Allow(Owner, AccessMask.FileRead))));
    }

    [Test]
    public void WithoutAListGivenTheParentsIsInherited()
    {
        var given = new SecurityDescriptor { Owner = CreatorSid, Control = SecurityControl.SelfRelative };

        var inherited = Inheritance.ForChild(With(Allow(Group, AccessMask.FileAll, Files)), given, Creator, directory: false)!;
        var bare = Inheritance.ForChild(With(Allow(Group, AccessMask.FileAll)), given, Creator, directory: false)!;

        Assert.That(inherited.Dacl, Is.EqualTo(new AccessControlList(Allow(Group, AccessMask.FileAll))));
        Assert.That(bare.Dacl, Is.EqualTo(new AccessControlList(
            Allow(CreatorSid, AccessMask.FileAll), Allow(WellKnownSids.LocalSystem, AccessMask.FileAll))));
    }

    [Test]
    public void AListThatWouldNotFitAnyMoreIsNotCut()
    {
        var entries = Enumerable.Repeat(Allow(WellKnownSids.CreatorOwner, AccessMask.FileAll, Files | Directories), 1600).ToArray();

        var child = Inheritance.ForChild(With(entries), null, Creator, directory: true)!;

        Assert.That(child.Dacl, Is.EqualTo(new AccessControlList(
            Allow(CreatorSid, AccessMask.FileAll), Allow(WellKnownSids.LocalSystem, AccessMask.FileAll))));
    }
}
