using Gateway.FileSystem.Security;
using Gateway.Users;

namespace Gateway.Tests.Users;

public sealed class AuthenticatedUserTests
{
    private static readonly SidMap Sids = new(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));

    [Test]
    public void A_user_becomes_a_token_of_the_volume()
    {
        var token = AuthenticatedUser.Of(new UserRecord { Name = "ann", Uid = 1000, Gid = 100, Groups = [5], Secret = [] }).ToToken(Sids);
        Assert.Multiple(() =>
        {
            Assert.That(token.User, Is.EqualTo(Sids.OfUser(1000)));
            Assert.That(token.PrimaryGroup, Is.EqualTo(Sids.OfGroup(100)));
            Assert.That(token.Contains(Sids.OfGroup(5)));
            Assert.That(token.Caller.IsMember(5));
            Assert.That(token.IsAdministrator, Is.False);
            Assert.That(token.Contains(WellKnownSids.AuthenticatedUsers));
        });
    }

    [Test]
    public void Uid_zero_is_the_administrator_and_nobody_is_nobody()
    {
        var root = AuthenticatedUser.Of(new UserRecord { Name = "root", Uid = 0, Gid = 0, Secret = [] }).ToToken(Sids);
        Assert.That(root.IsAdministrator);
        var nobody = AuthenticatedUser.Anonymous.ToToken(Sids);
        Assert.That(nobody.User, Is.EqualTo(WellKnownSids.Anonymous));
        Assert.That(nobody.Contains(WellKnownSids.AuthenticatedUsers), Is.False);
    }
}
