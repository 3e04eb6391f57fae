using System.Text.Json.Serialization;
using Gateway.Replication.Owner;

namespace Gateway.Admin;

/// <summary>What <c>nasgate status --json</c> prints; others script against the names.</summary>
internal sealed record StatusReport
{
    public required string ClusterId { get; init; }

    /// <summary>Seconds since this gateway started to serve.</summary>
    public required double UptimeSeconds { get; init; }

    public required IReadOnlyList<VolumeReport> Volumes { get; init; }

    public required ClientsReport Clients { get; init; }

    public required RatesReport Rates { get; init; }

    public required long ResidentBytes { get; init; }

    /// <summary>This gateway's certificate, and those that nodes have shown; none where links are in clear.</summary>
    public IReadOnlyList<CertificateReport> Certificates { get; init; } = [];
}

internal sealed record VolumeReport
{
    public required string Name { get; init; }

    public required ulong Epoch { get; init; }

    /// <summary>"serving", "recovering", "waiting" (no quorum), "stopped"; of a standby, what it is doing.</summary>
    public required string State { get; init; }

    /// <summary>The gateway that says all this.</summary>
    public string Gateway { get; init; } = "";

    /// <summary>"owner", "standby", "taking", "waiting" (for its next try), "starting" or "stopped".</summary>
    public string Role { get; init; } = "owner";

    /// <summary>The gateway that serves the volume; null when none is known.</summary>
    public string? Owner { get; init; }

    /// <summary>Committed entries that a standby has not applied.</summary>
    public long BehindEntries { get; init; }

    /// <summary>Since when a standby has not been level; 0 when it is.</summary>
    public long BehindMilliseconds { get; init; }

    /// <summary>How this gateway came to own the volume the last time; null when it never did.</summary>
    public TakeoverReport? LastTakeover { get; init; }

    /// <summary>Index of the last committed journal entry.</summary>
    public required ulong CommittedIndex { get; init; }

    /// <summary>Index up to which rows hold the journal.</summary>
    public required ulong AppliedIndex { get; init; }

    public required ulong CheckpointIndex { get; init; }

    public required double LeaseRemainingSeconds { get; init; }

    public required long TotalBytes { get; init; }

    public required long AvailableBytes { get; init; }

    public required long OwedSlices { get; init; }

    /// <summary>Slices whose bytes ride in the journal, because too few data nodes have them (volumes with a witness).</summary>
    public long SpilledSlices { get; init; }

    public long SpilledBytes { get; init; }

    /// <summary>What they wait for; empty when there are none.</summary>
    public string SpillReason { get; init; } = "";

    /// <summary>Damaged copies found since the start: by reads, scrub and recovery.</summary>
    public required long DamageFound { get; init; }

    public required long DamageRepaired { get; init; }

    public required IReadOnlyList<NodeReport> Nodes { get; init; }

    /// <summary>The change of its members that is under way; null when there is none.</summary>
    public ChangeReport? Change { get; init; }
}

/// <summary>How far a change of a volume's members is.</summary>
internal sealed record ChangeReport
{
    /// <summary>"learning", "joining", "copying" or "ending".</summary>
    public required string Phase { get; init; }

    public required IReadOnlyList<string> Members { get; init; }

    public required long BytesLeft { get; init; }

    public required double BytesPerSecond { get; init; }

    /// <summary>Null when nothing can be said.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>What it waits for.</summary>
    public required string Reason { get; init; }
}

internal sealed record NodeReport
{
    public required string Id { get; init; }

    public required string Address { get; init; }

    /// <summary>"member", "witness" (votes, keeps no content) or "learner" (no member yet).</summary>
    public string Role { get; init; } = "member";

    /// <summary>
    /// "up", "down", "silent" (connected, no answer for two seconds), "limbo", "stalled", "full" or "failed" (its device
    /// is broken).
    /// </summary>
    public required string State { get; init; }

    /// <summary>Index up to which this node is known to hold the journal durably.</summary>
    public required ulong MatchIndex { get; init; }

    public required ulong CommittedIndex { get; init; }

    public required long OwedSlices { get; init; }

    public required double LastAnswerSeconds { get; init; }

    public required long AvailableBytes { get; init; }

    public required long DamageFound { get; init; }

    public required long DamageRepaired { get; init; }
}

internal sealed record ClientsReport
{
    public required int Connections { get; init; }

    public required IReadOnlyList<string> Mounts { get; init; }
}

/// <summary>Per second, over the last ten seconds.</summary>
internal sealed record RatesReport
{
    public required double Requests { get; init; }

    public required double ReadBytes { get; init; }

    public required double WrittenBytes { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
