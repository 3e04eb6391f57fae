using System.Diagnostics.Metrics;
using System.Net;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Spnego;
using Gateway.Smb.Authentication;
using Gateway.Telemetry;
using Gateway.Tests.Users;
using Gateway.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Smb.Authentication;

public sealed class LogonExchangeTests
{
    private const string Password = "Pass1word!";

    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.7");

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private ControlDirectory _control = null!;
    private GatewayMetrics _metrics = null!;
    private Authenticator _authenticator = null!;

    [SetUp]
    public async Task MakeUsersAsync()
    {
        _control = new ControlDirectory();
        _metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        var users = _control.Users();
        await users.AddAsync(new NewUser("Alice", Password) { Groups = [7] }, default);
        await users.AddAsync(new NewUser("bob", Password), default);
        await users.SetDisabledAsync("bob", true, default);
        _authenticator = new Authenticator(users, "files.example.net", _metrics, TimeProvider.System, NullLogger.Instance);
    }

    [TearDown]
    public void Dispose()
    {
        _metrics.Dispose();
        _control.Dispose();
    }

    [OneTimeTearDown]
    public void DisposeServices() => _services.Dispose();

    [TestCase("Alice", "WORKGROUP", true, true)]
    [TestCase("aLICE", "", true, true)]
    [TestCase("alice@example.net", "", true, true)]
    [TestCase("alice", "FILES", false, true)]
    [TestCase("alice", "FILES", true, false)]
    public async Task The_right_password_lets_in(string user, string domain, bool sendsMic, bool signsList)
    {
        var client = new NtlmClient
        {
            User = user,
            Domain = domain,
            Password = Password,
            SendsMic = sendsMic,
            SignsList = signsList,
        };
        var (step, _) = await LogOnAsync(client);
        Assert.Multiple(() =>
        {
            Assert.That(step.Status, Is.EqualTo(NtStatus.Success));
            Assert.That(step.User!.Name, Is.EqualTo("Alice"));
            Assert.That(step.User.Uid, Is.EqualTo(1000));
            Assert.That(step.User.Groups, Is.EqualTo(new[] { 7u }));
            Assert.That(step.SessionKey, Is.EqualTo(client.SessionKey));
            Assert.That(client.IsCountersigned(step.Token), Is.EqualTo(signsList));
            Assert.That(_metrics.Logons, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Ntlm_without_spnego_lets_in()
    {
        var client = new NtlmClient { User = "alice", Password = Password };
        var exchange = _authenticator.Begin(Client);
        var challenge = await exchange.AcceptAsync(client.RawNegotiate, default);
        Assert.That(challenge.Status, Is.EqualTo(NtStatus.MoreProcessingRequired));
        var step = await exchange.AcceptAsync(client.RawAnswer(challenge.Token), default);
        Assert.That(step.Status, Is.EqualTo(NtStatus.Success));
        Assert.That(step.Token, Is.Empty);
    }

    [TestCase(true, NtStatus.Success)]
    [TestCase(false, NtStatus.InvalidParameter)]
    public async Task A_client_that_prefers_kerberos_must_sign_its_list(bool signsList, NtStatus expected)
    {
        var client = new NtlmClient { User = "alice", Password = Password, SignsList = signsList };
        var exchange = _authenticator.Begin(Client);
        var chosen = await exchange.AcceptAsync(client.Init(NtlmClient.Kerberos, NtlmClient.Ntlm), default);
        Assert.That(chosen.Status, Is.EqualTo(NtStatus.MoreProcessingRequired));
        Assert.That(State(chosen.Token), Is.EqualTo(SpnegoState.RequestMic));

        var challenge = await exchange.AcceptAsync(NtlmClient.Wrap(client.RawNegotiate), default);
        Assert.That(challenge.Status, Is.EqualTo(NtStatus.MoreProcessingRequired));
        var step = await exchange.AcceptAsync(client.Answer(challenge.Token), default);
        Assert.That(step.Status, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_list_changed_on_the_way_is_noticed()
    {
        // Somebody took Kerberos off the list before the server saw it.
        var client = new NtlmClient { User = "alice", Password = Password };
        var seen = client.Init(NtlmClient.Ntlm);
        client.Init(NtlmClient.Ntlm, NtlmClient.Kerberos);
        var exchange = _authenticator.Begin(Client);
        var challenge = await exchange.AcceptAsync(seen, default);
        var step = await exchange.AcceptAsync(client.Answer(challenge.Token), default);
        Assert.That(step.Status, Is.EqualTo(NtStatus.InvalidParameter));
        Assert.That(_metrics.LogonFailuresOf(LogonFailure.Altered), Is.EqualTo(1));
    }

    [TestCase("alice", "wrong", NtStatus.LogonFailure, "WrongPassword")]
    [TestCase("nobody", Password, NtStatus.LogonFailure, "UnknownUser")]
    [TestCase("bob", Password, NtStatus.AccountDisabled, "Disabled")]
    [TestCase("bob", "wrong", NtStatus.LogonFailure, "WrongPassword")]
    public async Task Others_are_refused(string user, string password, NtStatus expected, string cause)
    {
        var (step, exchange) = await LogOnAsync(new NtlmClient { User = user, Password = password });
        Assert.That(step.Status, Is.EqualTo(expected));
        Assert.That(step.Token, Is.Empty);
        Assert.That(step.User, Is.Null);
        Assert.That(_metrics.LogonFailuresOf(Enum.Parse<LogonFailure>(cause)), Is.EqualTo(1));

        var again = await exchange.AcceptAsync(new NtlmClient().Init(NtlmClient.Ntlm), default);
        Assert.That(again.Status, Is.EqualTo(NtStatus.InvalidParameter), "the exchange is over");
    }

    [Test]
    public async Task Ntlm_version_1_is_refused()
    {
        var (step, _) = await LogOnAsync(new NtlmClient { User = "alice", Password = Password, UsesNtlmV1 = true });
        Assert.That(step.Status, Is.EqualTo(NtStatus.LogonFailure));
        Assert.That(_metrics.LogonFailuresOf(LogonFailure.LegacyResponse), Is.EqualTo(1));
    }

    [TestCase(63, "a flag")]
    [TestCase(72, "the MIC")]
    [TestCase(60, "the first flag")]
    public async Task A_message_changed_on_the_way_is_noticed(int offset, string what)
    {
        // 0x10 of the first flags byte is SIGN; of the last one an unused bit.
        var client = new NtlmClient { User = "alice", Password = Password, Spoil = message => message[offset] ^= 0x10 };
        var (step, _) = await LogOnAsync(client);
        Assert.That(step.Status, Is.EqualTo(NtStatus.InvalidParameter), what);
        Assert.That(_metrics.LogonFailuresOf(LogonFailure.Altered), Is.EqualTo(1));
    }

    [Test]
    public async Task A_promised_mic_cannot_be_taken_out()
    {
        var client = new NtlmClient
        {
            User = "alice",
            Password = Password,
            Spoil = message => message.AsSpan(72, 16).Clear(),
        };
        Assert.That((await LogOnAsync(client)).Step.Status, Is.EqualTo(NtStatus.InvalidParameter));
    }

    [Test]
    public async Task Nobody_is_reported_as_such()
    {
        var client = new NtlmClient();
        var exchange = _authenticator.Begin(Client);
        await exchange.AcceptAsync(client.Init(NtlmClient.Ntlm), default);
        var step = await exchange.AcceptAsync(NtlmClient.Wrap(NtlmClient.Anonymous()), default);
        Assert.That(step.Status, Is.EqualTo(NtStatus.Success));
        Assert.That(step.User!.IsAnonymous);
        Assert.That(step.SessionKey, Is.EqualTo(new byte[16]));
        Assert.That(_metrics.Logons, Is.Zero);
    }

    [Test]
    public async Task Kerberos_alone_is_refused()
    {
        var step = await _authenticator.Begin(Client).AcceptAsync(new NtlmClient().Init(NtlmClient.Kerberos), default);
        Assert.That(step.Status, Is.EqualTo(NtStatus.LogonFailure));
    }

    [Test]
    public async Task Hostile_tokens_are_refused_at_every_step()
    {
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var client = new NtlmClient { User = "alice", Password = Password };
            var authenticator = new Authenticator(
                _control.Users(), "files", _metrics, TimeProvider.System, NullLogger.Instance);
            var exchange = authenticator.Begin(Client);
            var step = await exchange.AcceptAsync(Maybe(client.Init(NtlmClient.Ntlm)), default);
            if (step.Status != NtStatus.MoreProcessingRequired || !SpnegoResponse.TryParse(step.Token, out var response)
                || response.ResponseToken.IsEmpty)
            {
                continue;
            }

            var answer = client.Answer(step.Token);
            answer[random.Next(answer.Length)] ^= (byte)random.Next(1, 256);
            await exchange.AcceptAsync(answer, default);
        }

        byte[] Maybe(byte[] token)
        {
            if (random.Next(2) == 0) token[random.Next(token.Length)] = (byte)random.Next(256);
            return token;
        }
    }

    private async Task<(LogonStep Step, LogonExchange Exchange)> LogOnAsync(NtlmClient client)
    {
        var exchange = _authenticator.Begin(Client);
        var challenge = await exchange.AcceptAsync(client.Init(NtlmClient.Ntlm), default);
        Assert.That(challenge.Status, Is.EqualTo(NtStatus.MoreProcessingRequired));
        return (await exchange.AcceptAsync(client.Answer(challenge.Token), default), exchange);
    }

    private static SpnegoState? State(byte[] token) => SpnegoResponse.TryParse(token, out var response) ? response.State : null;
}
