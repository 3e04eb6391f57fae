using Gateway.FileSystem.Security;
using static Gateway.Tests.FileSystem.Security.Descriptors;

namespace Gateway.Tests.FileSystem.Security;

/// <summary>Permission bits and descriptors: the same thing said twice.</summary>
internal sealed class ModeMappingTests
{
    private const uint Uid = 1000;
    private const uint Gid = 100;
    private const AccessMask Writing = AccessMask.WriteData | AccessMask.AppendData;

    /// <summary>The owner, who is or is not of the group; members; others; and somebody who never logged on.</summary>
    private static readonly (SecurityToken Token, int Shift)[] Population =
    [
        (Token(Uid), 6),
        (Token(Uid, 300), 6),
        (Token(1001), 3),
        (Token(1002, 300, Gid), 3),
        (Token(1003, 200), 0),
        (Token(1004, 300), 0),
        (new SecurityToken(new(65534, 65534), Map, isAnonymous: true), 0),
    ];

    [Test]
    public void EveryModeComesBack([Values] bool directory)
    {
        for (var mode = 0u; mode <= 0x1FF; mode++)
        {
            var descriptor = ModeMapping.FromMode(Uid, Gid, mode, directory, Map);
            Assert.That(SecurityDescriptor.TryParse(descriptor.ToBytes(), out var wire), Is.True);
            Assert.That(Octal(ModeMapping.ToMode(wire, Map, Uid, Gid, directory)), Is.EqualTo(Octal(mode)));
        }
    }

    [TestCase(0x3FFu)]
    [TestCase(0x3EDu)]
    [TestCase(0x3F8u)]
    public void AStickyDirectoryComesBack(uint mode)
    {
        var isShared = (mode & 0x12) != 0;
        var descriptor = ModeMapping.FromMode(Uid, Gid, mode, directory: true, Map);

        Assert.That(Octal(ModeMapping.ToMode(descriptor, Map, Uid, Gid, directory: true)), Is.EqualTo(Octal(isShared ? mode : mode & 0x1FF)));
        Assert.That(AccessCheck.Granted(descriptor, Token(1001)) & AccessMask.DeleteChild, Is.EqualTo(AccessMask.None));
    }

    [Test]
    public void ADescriptorOfAModeGrantsWhatTheModeDoes([Values] bool directory)
    {
        for (var mode = 0u; mode <= 0x1FF; mode++)
        {
            var descriptor = ModeMapping.FromMode(Uid, Gid, mode, directory, Map).With(new SecurityDescriptor(), SecurityInformation.None);
            foreach (var (token, shift) in Population)
            {
                var bits = (mode >> shift) & 7;
                var granted = AccessCheck.Granted(descriptor, token);
                var what = $"{Octal(mode)} for {token.User}: {granted}";
                Assert.That((granted & AccessMask.ReadData) != 0, Is.EqualTo((bits & 4) != 0), what);
                Assert.That((granted & Writing) == Writing, Is.EqualTo((bits & 2) != 0), what);
                Assert.That((granted & AccessMask.WriteData) != 0, Is.EqualTo((bits & 2) != 0), what);
                Assert.That((granted & AccessMask.Execute) != 0, Is.EqualTo((bits & 1) != 0), what);
                Assert.That((granted & AccessMask.DeleteChild) != 0, Is.EqualTo(directory && (bits & 2) != 0), what);
                Assert.That((granted & AccessMask.WriteDacl) != 0, Is.EqualTo(shift == 6), what);
                Assert.That(granted & AccessMask.ReadAttributes, Is.EqualTo(AccessMask.ReadAttributes), what);
                Assert.That(granted & AccessMask.Delete, Is.EqualTo(AccessMask.None), what);
            }
        }
    }

    [Test]
    public void WhoReadsAFileMayExecuteItOverSmb()
    {
        var token = Token(1001);

        Assert.That(AccessCheck.Granted(ModeMapping.FromMode(Uid, Gid, 0x1A4, false, Map), token) & AccessMask.Execute, Is.EqualTo(AccessMask.Execute));
        Assert.That(AccessCheck.Granted(ModeMapping.FromMode(Uid, Gid, 0x1A4, true, Map), token) & AccessMask.Execute, Is.EqualTo(AccessMask.None));
    }

    [Test]
    public void NobodyGetsMoreByTheModeThanByTheList()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        Sid[] sids =
        [
            Owner, Group, Map.OfUser(1001), Map.OfUser(1003), Map.OfGroup(300), Map.OfGroup(200), WellKnownSids.Everyone,
            WellKnownSids.AuthenticatedUsers, WellKnownSids.Users, WellKnownSids.OwnerRights, WellKnownSids.Network,
            WellKnownSids.CreatorOwner, WellKnownSids.UnixUsers.With(1001), Sid.Parse("S-1-5-21-1-2-3-1000"),
        ];
        AccessMask[] masks =
        [
            AccessMask.FileAll, AccessMask.FileRead, AccessMask.FileWrite, AccessMask.FileExecute, AccessMask.ReadData,
            AccessMask.WriteData, AccessMask.Execute, AccessMask.GenericAll, (AccessMask)0x1301BF,
        ];

        for (var round = 0; round < 20_000; round++)
        {
            var entries = Enumerable.Range(0, random.Next(7)).Select(_ => new AccessControlEntry(
                random.Next(3) == 0 ? AceType.AccessDenied : AceType.AccessAllowed,
                random.Next(8) == 0 ? AceFlags.InheritOnly : AceFlags.None,
                masks[random.Next(masks.Length)],
                sids[random.Next(sids.Length)])).ToArray();
            var descriptor = With(entries) with { Owner = random.Next(8) == 0 ? WellKnownSids.Everyone : Owner };
            var mode = ModeMapping.ToMode(descriptor, Map, Uid, Gid, directory: false);
            foreach (var (token, shift) in Population)
            {
                var bits = (mode >> shift) & 7;
                var granted = AccessCheck.Granted(descriptor, token);
                var what = $"seed {Seed}, round {round}: {Octal(mode)} for {token.User}";
                if ((bits & 4) != 0) Assert.That(granted & AccessMask.ReadData, Is.EqualTo(AccessMask.ReadData), what);
                if ((bits & 2) != 0) Assert.That(granted & Writing, Is.EqualTo(Writing), what);
                if ((bits & 1) != 0) Assert.That(granted & AccessMask.Execute, Is.EqualTo(AccessMask.Execute), what);
            }
        }
    }

    [Test]
    public void TheListsPeopleSetGetTheModesTheyExpect()
    {
        const AccessMask Modify = (AccessMask)0x1301BF;
        const AccessMask ReadAndExecute = (AccessMask)0x1200A9;

        Assert.That(Mode(false, Allow(Owner, AccessMask.FileAll), Allow(Group, ReadAndExecute)), Is.EqualTo("750"));
        Assert.That(Mode(false, Allow(Owner, AccessMask.FileAll), Allow(Group, Modify), Allow(WellKnownSids.Everyone, AccessMask.FileRead)), Is.EqualTo("774"));
        Assert.That(Mode(true, Allow(Owner, AccessMask.FileAll), Allow(Group, Modify)), Is.EqualTo("1770"));
        Assert.That(Mode(false, Deny(Map.OfUser(1003), AccessMask.FileAll), Allow(WellKnownSids.Everyone, AccessMask.FileAll)), Is.EqualTo("700"));
        Assert.That(Mode(false, Allow(WellKnownSids.AuthenticatedUsers, AccessMask.FileAll)), Is.EqualTo("770"));
        Assert.That(Mode(false), Is.EqualTo("0"));
        Assert.That(Octal(ModeMapping.ToMode(With() with { Dacl = null }, Map, Uid, Gid, false)), Is.EqualTo("777"));
    }

    private static string Mode(bool directory, params AccessControlEntry[] entries) =>
        Octal(ModeMapping.ToMode(With(entries), Map, Uid, Gid, directory));

    private static string Octal(uint mode) => Convert.ToString((int)mode, 8);
}
