using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.FileSystem;
using Gateway.Replication.Control;

namespace Gateway.Users;

/// <summary>The users of the cluster, in the control plane.</summary>
/// <remarks>
/// Threading: any; changes by several gateways are settled by compare-and-set, and noticed by this one when it hears of them,
/// or with its next look at the users. While the control plane does not answer, users log on by what was last known, for a
/// day: longer, and who was removed elsewhere would still be let in.
/// </remarks>
internal sealed class UserDirectory
{
    public const uint FirstUid = 1000;

    /// <summary>Under which the control plane has them.</summary>
    public const string Key = "users";

    private const int GroupsMax = 64;
    private const int PasswordLettersMax = 256;

    /// <summary>Ids from here on are nobody's, or signs of an error, to some client.</summary>
    private const uint IdsEnd = 0x7FFF_FFFF;

    private readonly IControlPlane _control;
    private readonly UserSecrets _secrets;
    private readonly KnownUsers _known;

    public UserDirectory(IControlPlane control, UserSecrets secrets, TimeProvider time)
    {
        (_control, _secrets) = (control, secrets);
        _known = new KnownUsers(control, time) { Replaced = RevokeGone };
    }

    /// <summary>
    /// A user has been removed or disabled, or has another password or number: who logged on as it is it no more. Raised before
    /// the change is reported as done; handlers must not throw.
    /// </summary>
    public event Action<UserRecord>? Revoked;

    /// <summary>Takes in what the control plane says now.</summary>
    public void Learn(ControlValue? value) => _known.Take(value);

    /// <summary>Whether there has ever been a user: then the first start is over.</summary>
    public async ValueTask<bool> IsFoundedAsync(CancellationToken cancellation) =>
        (await _known.ReadAsync(cancellation)).Version > 0;

    public async ValueTask<IReadOnlyList<UserRecord>> ListAsync(CancellationToken cancellation) =>
        [.. (await _known.ReadAsync(cancellation)).Users.Values.OrderBy(user => user.Name, UserName.Comparer)];

    /// <exception cref="ControlPlaneException">It does not answer, and what was last known is too old.</exception>
    public async ValueTask<UserRecord?> FindAsync(string name, CancellationToken cancellation) =>
        (await _known.ReadOrRecallAsync(cancellation)).Users.GetValueOrDefault(name);

    /// <summary>Whether the user, having logged on, could do so now, as far as is known without looking again.</summary>
    public bool IsCurrent(AuthenticatedUser user) =>
        user.IsAnonymous
        || (_known.Newest.Users.TryGetValue(user.Name, out var now)
            && !now.Disabled && now.Uid == user.Uid && now.Secret.AsSpan().SequenceEqual(user.Secret.Span));

    /// <summary>Opens a user's secret; false when another cluster sealed it.</summary>
    public bool TryOpenSecret(UserRecord user, Span<byte> ntHash) => _secrets.TryOpen(user.Name, user.Secret, ntHash);

    /// <summary>A user who is in no list, with a password nobody knows: costs as much time as one who is.</summary>
    public UserRecord MakeDecoy() =>
        new() { Name = "-", Uid = 0, Gid = 0, Disabled = true, Secret = _secrets.SealRandom("-") };

    /// <exception cref="UserException">The name is taken or not one, or an id makes no sense.</exception>
    public async ValueTask<UserRecord> AddAsync(NewUser added, CancellationToken cancellation)
    {
        RequireName(added.Name);
        var gid = added.Gid ?? TeamGroup.Gid;
        RequireId(gid, "gid");
        RequireGroups(added.Groups);
        var secret = SealPassword(added.Name, added.Password);
        UserRecord? made = null;
        await ChangeAsync(
            users =>
            {
                if (users.ContainsKey(added.Name)) throw new UserException($"there is a user '{added.Name}' already");
                if (users.Count >= UserList.UsersMax) throw new UserException($"there are {UserList.UsersMax} users already");

                var uid = added.Uid ?? NextUid(users);
                RequireId(uid, "uid");
                var holder = users.Values.FirstOrDefault(user => user.Uid == uid);
                if (holder is not null) throw new UserException($"uid {uid} is the user '{holder.Name}'");

                made = new UserRecord
                {
                    Name = added.Name,
                    Uid = uid,
                    Gid = gid,
                    Groups = added.Groups,
                    Secret = secret,
                };
                users[made.Name] = made;
            },
            cancellation);
        return made!;
    }

    /// <exception cref="UserException">There is no such user.</exception>
    public ValueTask SetPasswordAsync(string name, string password, CancellationToken cancellation) => ChangeAsync(
        name, user => user with { Secret = SealPassword(user.Name, password) }, cancellation);

    /// <exception cref="UserException">There is no such user.</exception>
    public ValueTask SetDisabledAsync(string name, bool disabled, CancellationToken cancellation) => ChangeAsync(
        name, user => user with { Disabled = disabled }, cancellation);

    /// <exception cref="UserException">There is no such user.</exception>
    public ValueTask RemoveAsync(string name, CancellationToken cancellation) => ChangeAsync(
        users =>
        {
            if (!users.Remove(name)) throw NoSuchUser(name);
        },
        cancellation);

    private static UserException NoSuchUser(string name) => new($"there is no user '{UserName.ForLog(name)}'");

    private static void RequireName(string name)
    {
        if (UserName.IsValid(name)) return;

        throw new UserException(
            $"'{UserName.ForLog(name)}' is no user name: letters, digits, '.', '_' and '-', at most {UserName.LengthMax}");
    }

    private static void RequireId(uint id, string kind)
    {
        if (id is >= IdsEnd or 65534) throw new UserException($"{id} cannot be a {kind}");
    }

    private static void RequireGroups(IReadOnlyList<uint> groups)
    {
        if (groups.Count > GroupsMax) throw new UserException($"a user has at most {GroupsMax} further groups");
        foreach (var group in groups) RequireId(group, "gid");
    }

    private static uint NextUid(Dictionary<string, UserRecord> users)
    {
        var taken = users.Values.Select(user => user.Uid).ToHashSet();
        var uid = FirstUid;
        while (taken.Contains(uid) || uid == 65534) uid++;
        return uid;
    }

    private void RevokeGone(UserSnapshot before)
    {
        foreach (var user in before.Users.Values)
        {
            if (!user.Disabled && !IsCurrent(AuthenticatedUser.Of(user))) Revoked?.Invoke(user);
        }
    }

    private byte[] SealPassword(string name, string password) =>
        password.Length is 0 or > PasswordLettersMax
            ? throw new UserException($"a password has 1 to {PasswordLettersMax} letters")
            : _secrets.SealPassword(name, password);

    private ValueTask ChangeAsync(string name, Func<UserRecord, UserRecord> change, CancellationToken cancellation) => ChangeAsync(
        users =>
        {
            var user = users.GetValueOrDefault(name) ?? throw NoSuchUser(name);
            users[user.Name] = change(user);
        },
        cancellation);

    private async ValueTask ChangeAsync(Action<Dictionary<string, UserRecord>> change, CancellationToken cancellation)
    {
        while (true)
        {
            var before = await _known.ReadAsync(cancellation);
            var users = new Dictionary<string, UserRecord>(before.Users, UserName.Comparer);
            change(users);
            var list = new UserList([.. users.Values.OrderBy(user => user.Uid)]);
            var json = JsonSerializer.Serialize(list, UserJson.Default.UserList);
            var written = await _control.CompareAndSetAsync(Key, before.Version, json, cancellation);
            if (written is null) continue;

            _known.Publish(new UserSnapshot(written.Version, users));
            return;
        }
    }
}

[JsonSerializable(typeof(UserList))]
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class UserJson : JsonSerializerContext;
