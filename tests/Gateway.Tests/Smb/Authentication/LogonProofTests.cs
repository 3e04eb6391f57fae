using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using Gateway.Protocol.Ntlm;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Authentication;
using Gateway.Telemetry;
using Gateway.Tests.Users;
using Gateway.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Smb.Authentication;

/// <summary>Nobody learns from a refusal, or from the time it takes, whether there is such a user.</summary>
public sealed class LogonProofTests
{
    private const string Password = "Pass1word!";
    private const int Rounds = 2000;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private ControlDirectory _control = null!;
    private GatewayMetrics _metrics = null!;
    private UserDirectory _users = null!;
    private Authenticator _authenticator = null!;

    [SetUp]
    public async Task MakeUsersAsync()
    {
        _control = new ControlDirectory();
        _metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        _users = _control.Users();
        await _users.AddAsync(new NewUser("alice", Password), default);
        await _users.AddAsync(new NewUser("bob", Password), default);
        await _users.SetDisabledAsync("bob", true, default);
        _authenticator = new Authenticator(_users, "files", _metrics, TimeProvider.System, NullLogger.Instance);
    }

    [TearDown]
    public void Dispose()
    {
        _metrics.Dispose();
        _control.Dispose();
    }

    [OneTimeTearDown]
    public void DisposeServices() => _services.Dispose();

    [TestCase("alice", "wrong"), TestCase("nobody", "wrong"), TestCase("bob", "wrong"), TestCase("no:name", "wrong")]
    public async Task Who_fails_is_told_the_same_after_the_same_steps(string user, string password)
    {
        var attempt = Attempt(user, password);
        var result = await _authenticator.LogOnAsync(attempt, Address(1), default);
        Assert.That(result.Status, Is.EqualTo(NtStatus.LogonFailure));
        Assert.That(attempt.Proofs, Is.EqualTo(1));
        Assert.That(attempt.SessionKey, Is.All.Zero, "no key is exported before the proof");
    }

    [TestCase("alice", NtStatus.Success), TestCase("bob", NtStatus.AccountDisabled)]
    public async Task Who_knows_the_password_takes_one_step_more(string user, NtStatus expected)
    {
        var attempt = Attempt(user, Password);
        Assert.That((await _authenticator.LogOnAsync(attempt, Address(1), default)).Status, Is.EqualTo(expected));
        Assert.That(attempt.Proofs, Is.EqualTo(1));
        Assert.That(attempt.SessionKey, Is.Not.All.Zero);
    }

    [Test]
    public void The_secret_of_nobody_opens_as_any_other()
    {
        var hash = new byte[NtHash.Bytes];
        Assert.That(_users.TryOpenSecret(_users.MakeDecoy(), hash));
        Assert.That(hash, Is.Not.All.Zero);
    }

    [Test]
    [Explicit("A measurement.")]
    public async Task Time_of_an_unknown_user_and_of_a_wrong_password()
    {
        var known = new double[Rounds];
        var unknown = new double[Rounds];
        for (var round = -Rounds; round < Rounds; round++)
        {
            // In turns, each from an address of its own, so that neither warms up for the other nor is slowed down.
            var ofKnown = await TimeAsync(Attempt("alice", "wrong"), Address((2 * round) & 0xFFFFFF));
            var ofUnknown = await TimeAsync(Attempt("nobody", "wrong"), Address(((2 * round) + 1) & 0xFFFFFF));
            if (round < 0) continue;
            (known[round], unknown[round]) = (ofKnown, ofUnknown);
        }

        foreach (var (name, times) in new[] { ("wrong password", known), ("unknown user", unknown) })
        {
            Array.Sort(times);
            TestContext.Out.WriteLine(
                $"{name}: median {times[Rounds / 2]:N1} us, quartiles {times[Rounds / 4]:N1} and {times[3 * Rounds / 4]:N1} us");
        }
    }

    private async Task<double> TimeAsync(LogonAttempt attempt, IPAddress client)
    {
        var began = Stopwatch.GetTimestamp();
        await _authenticator.LogOnAsync(attempt, client, default);
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds;
    }

    private static IPAddress Address(int number) => new(unchecked([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]));

    /// <summary>All three messages of a log-on.</summary>
    private static LogonAttempt Attempt(string user, string password)
    {
        var client = new NtlmClient { User = user, Password = password };
        Assert.That(NtlmNegotiate.TryParse(client.RawNegotiate, out var negotiate));
        var serverChallenge = RandomNumberGenerator.GetBytes(NtlmChallenge.ChallengeBytes);
        var challenge = new NtlmChallenge
        {
            Flags = NtlmChallenge.Answer(negotiate.Flags),
            ServerChallenge = serverChallenge,
            NetBiosName = "FILES",
            DnsName = "files",
            Timestamp = 1,
        }.ToBytes();
        return LogonAttempt.TryMake(client.RawNegotiate, challenge, client.RawAnswer(challenge), serverChallenge)!;
    }
}
