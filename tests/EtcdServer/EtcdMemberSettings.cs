namespace Gateway.EtcdServer;

/// <summary>How a member is started.</summary>
internal sealed record EtcdMemberSettings
{
    public required string Name { get; init; }

    /// <summary>Where it keeps its data; its log lies beside it.</summary>
    public required string Directory { get; init; }

    public required Uri ClientAddress { get; init; }

    public required Uri PeerAddress { get; init; }

    /// <summary>Answers without TLS and without a user.</summary>
    public required Uri HealthAddress { get; init; }

    /// <summary><c>name=address,…</c> of all members.</summary>
    public required string InitialCluster { get; init; }

    public required EtcdCertificates? Tls { get; init; }

    public required IReadOnlyList<string> Further { get; init; }

    public string LogFile => Directory + ".log";

    public IEnumerable<string> Arguments
    {
        get
        {
            IEnumerable<string> arguments =
            [
                "--name", Name, "--data-dir", Directory,
                "--listen-client-urls", Text(ClientAddress), "--advertise-client-urls", Text(ClientAddress),
                "--listen-peer-urls", Text(PeerAddress), "--initial-advertise-peer-urls", Text(PeerAddress),
                "--listen-metrics-urls", Text(HealthAddress),
                "--initial-cluster", InitialCluster, "--initial-cluster-state", "new",
                "--logger", "zap", "--log-outputs", LogFile,
                .. Further,
            ];
            return Tls is null
                ? arguments
                :
                [
                    .. arguments, "--cert-file", Tls.ServerCertificateFile, "--key-file", Tls.ServerKeyFile,
                    "--trusted-ca-file", Tls.AuthorityFile, "--client-cert-auth",
                ];
        }
    }

    /// <summary>As etcd wants it, without the slash at the end.</summary>
    public static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
