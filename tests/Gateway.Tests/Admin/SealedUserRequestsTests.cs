using System.Text.Json;
using Gateway.Admin;
using Gateway.Replication.Tests.Store;
using Gateway.Tests.Users;

namespace Gateway.Tests.Admin;

public sealed class SealedUserRequestsTests
{
    private readonly ManualTime _time = new();
    private readonly AdminSeal _seal = new(ControlDirectory.Secret());
    private ControlDirectory _control = null!;
    private SealedUserRequests _requests = null!;

    [SetUp]
    public void Open()
    {
        _control = new ControlDirectory();
        _requests = new SealedUserRequests(_control.Users(), _seal, _time);
    }

    [TearDown]
    public void Close() => _control.Dispose();

    [Test]
    public async Task Who_knows_the_secret_changes_users()
    {
        var added = await AskAsync(new UserRequest { Action = UserAction.Add, Name = "ann", Password = "p", Groups = [9] });
        Assert.That(added.Problem, Is.Null);
        Assert.That(added.Users[0].Uid, Is.EqualTo(1000));

        var again = await AskAsync(new UserRequest { Action = UserAction.Add, Name = "Ann", Password = "p" });
        Assert.That(again.Problem, Does.Contain("already"));
        Assert.That((await AskAsync(new UserRequest { Action = UserAction.Disable, Name = "ann" })).Problem, Is.Null);
        Assert.That((await AskAsync(new UserRequest { Action = UserAction.List })).Users[0].Disabled);
        Assert.That((await AskAsync(new UserRequest { Action = UserAction.Remove, Name = "ann" })).Problem, Is.Null);
        Assert.That((await AskAsync(new UserRequest { Action = UserAction.List })).Users, Is.Empty);
    }

    [Test]
    public async Task Others_get_no_answer()
    {
        var request = new UserRequest { Action = UserAction.List, IssuedAt = Now() };
        var message = Sealed(request);
        for (var length = 0; length < message.Length; length++)
            Assert.That(await _requests.AnswerAsync(message[..length], default), Is.Null, $"cut at {length}");

        var changed = message.ToArray();
        changed[20] ^= 1;
        Assert.That(await _requests.AnswerAsync(changed, default), Is.Null);

        var stranger = new AdminSeal(ControlDirectory.Secret(2));
        var json = JsonSerializer.SerializeToUtf8Bytes(request, UserRequestJson.Default.UserRequest);
        Assert.That(await _requests.AnswerAsync(stranger.Seal(json, default), default), Is.Null);
        Assert.That(await _requests.AnswerAsync(_seal.Seal("nonsense"u8, default), default), Is.Null);
        Assert.That(await _requests.AnswerAsync(_seal.Seal("null"u8, default), default), Is.Null);
    }

    [Test]
    public async Task A_request_serves_once_and_for_a_minute()
    {
        var message = Sealed(new UserRequest { Action = UserAction.List, IssuedAt = Now() });
        Assert.That(await _requests.AnswerAsync(message, default), Is.Not.Null);
        Assert.That(await _requests.AnswerAsync(message, default), Is.Null, "replayed");

        var late = Sealed(new UserRequest { Action = UserAction.List, IssuedAt = Now() });
        _time.Advance(TimeSpan.FromSeconds(70));
        Assert.That(await _requests.AnswerAsync(late, default), Is.Null, "late");
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.That(await _requests.AnswerAsync(message, default), Is.Null, "replayed much later");
    }

    private async Task<UserAnswer> AskAsync(UserRequest request)
    {
        var message = Sealed(request with { IssuedAt = Now() });
        var answer = await _requests.AnswerAsync(message, default);
        Assert.That(answer, Is.Not.Null);
        Assert.That(_seal.TryOpen(answer, default, out _), Is.False, "bound to its request");
        Assert.That(_seal.TryOpen(answer, message, out var text));
        return JsonSerializer.Deserialize(text, UserRequestJson.Default.UserAnswer)!;
    }

    private byte[] Sealed(UserRequest request) =>
        _seal.Seal(JsonSerializer.SerializeToUtf8Bytes(request, UserRequestJson.Default.UserRequest), default);

    private long Now() => _time.GetUtcNow().ToUnixTimeSeconds();
}
