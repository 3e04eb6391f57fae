using System.Net;
using System.Net.Sockets;

namespace Gateway.EtcdServer;

/// <summary>etcd itself, of one or more members, on free ports of this machine and in a directory of its own.</summary>
public sealed class EtcdCluster : IAsyncDisposable
{
    /// <summary>Another process may take a free port before etcd does.</summary>
    private const int StartAttempts = 5;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookDelay = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly string _directory;

    private EtcdCluster(string directory, IReadOnlyList<EtcdMember> members) => (_directory, Members) = (directory, members);

    public IReadOnlyList<EtcdMember> Members { get; }

    public IReadOnlyList<Uri> Addresses => [.. Members.Select(member => member.ClientAddress)];

    /// <summary>The form of <c>--control</c>.</summary>
    public string Setting => "etcd=" + EndpointList;

    /// <summary>The form of <c>etcdctl --endpoints</c>.</summary>
    public string EndpointList => string.Join(',', Members.Select(member => EtcdMemberSettings.Text(member.ClientAddress)));

    /// <summary>Starts it and waits until it is well.</summary>
    /// <param name="members">How many.</param>
    /// <param name="tls">Clients show a certificate of this authority; without it they need none.</param>
    /// <param name="further">Options of etcd.</param>
    public static async Task<EtcdCluster> StartAsync(
        int members = 1, EtcdCertificates? tls = null, params IReadOnlyList<string> further)
    {
        for (var attempt = 1; ; attempt++)
        {
            var directory = Directory.CreateTempSubdirectory("etcd-").FullName;
            var cluster = new EtcdCluster(directory, Plan(directory, members, tls, further));
            if (await cluster.TryStartAsync()) return cluster;

            var log = string.Join("\n", cluster.Members.Select(member => member.Log));
            await cluster.DisposeAsync();
            if (attempt == StartAttempts || !log.Contains("address already in use", StringComparison.Ordinal))
                throw new InvalidOperationException($"etcd did not start:\n{log}");
        }
    }

    /// <summary>Waits until all members that run are well.</summary>
    public async Task WaitAsync()
    {
        if (!await AreWellAsync()) throw new InvalidOperationException("etcd is not well after a minute.");
    }

    /// <summary>The member the others follow.</summary>
    public async Task<EtcdMember> FindLeaderAsync()
    {
        var table = await EtcdPrograms.ControlAsync("--endpoints", EndpointList, "endpoint", "status");
        var leader = table.Split('\n').Single(line => line.Split(',') is { Length: > 4 } row && row[4].Trim() == "true");
        return Members.Single(member => leader.StartsWith(EtcdMemberSettings.Text(member.ClientAddress), StringComparison.Ordinal));
    }

    /// <summary>Saves what the one member holds.</summary>
    public async Task SaveAsync(string file) =>
        await EtcdPrograms.ControlAsync("--endpoints", EndpointList, "snapshot", "save", file);

    /// <summary>The one member starts anew with what was saved.</summary>
    public async Task RestoreAsync(string file)
    {
        var member = Members.Single();
        member.Kill();
        Directory.Delete(member.Settings.Directory, recursive: true);
        await EtcdPrograms.ControlAsync(
            "snapshot", "restore", file, "--name", member.Name, "--data-dir", member.Settings.Directory,
            "--initial-cluster", member.Settings.InitialCluster,
            "--initial-advertise-peer-urls", EtcdMemberSettings.Text(member.Settings.PeerAddress));
        member.Start();
        await WaitAsync();
    }

    /// <summary>From now on etcd asks who is there; <c>root</c> may do everything.</summary>
    public async Task RequireUsersAsync(string rootPassword)
    {
        await EtcdPrograms.ControlAsync("--endpoints", EndpointList, "user", "add", $"root:{rootPassword}");
        await EtcdPrograms.ControlAsync("--endpoints", EndpointList, "user", "grant-role", "root", "root");
        await EtcdPrograms.ControlAsync("--endpoints", EndpointList, "auth", "enable");
    }

    public ValueTask DisposeAsync()
    {
        foreach (var member in Members) member.Dispose();
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static EtcdMember[] Plan(string directory, int count, EtcdCertificates? tls, IReadOnlyList<string> further)
    {
        var ports = FreePorts(3 * count);
        var numbers = Enumerable.Range(0, count).ToArray();
        Uri Address(int port, string scheme = "http") => new($"{scheme}://127.0.0.1:{ports[port]}");

        var initial = string.Join(',', numbers.Select(number => $"m{number}={EtcdMemberSettings.Text(Address(number))}"));
        return
        [
            .. numbers.Select(number => new EtcdMember(new EtcdMemberSettings
            {
                Name = $"m{number}",
                Directory = Path.Combine(directory, $"m{number}"),
                PeerAddress = Address(number),
                ClientAddress = Address(count + number, tls is null ? "http" : "https"),
                HealthAddress = Address(2 * count + number),
                InitialCluster = initial,
                Tls = tls,
                Further = further,
            })),
        ];
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }

    private async Task<bool> TryStartAsync()
    {
        foreach (var member in Members) member.Start();
        return await AreWellAsync();
    }

    private async Task<bool> AreWellAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        foreach (var member in Members.Where(member => !member.HasExited))
        {
            while (!await member.IsHealthyAsync(_http))
            {
                if (member.HasExited || TimeProvider.System.GetElapsedTime(began) > StartTimeout) return false;
                await Task.Delay(LookDelay);
            }
        }

        return Members.Any(member => !member.HasExited);
    }
}
