using System.Text.Json;
using Gateway.Replication.Control;

namespace Gateway.Users;

/// <summary>The users at one moment.</summary>
/// <param name="Version">Of the list; 0 when there has never been one.</param>
/// <param name="Users">By name.</param>
internal sealed record UserSnapshot(long Version, Dictionary<string, UserRecord> Users);

/// <summary>What is known of the users: as the control plane says it, or as it last said it.</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class KnownUsers(IControlPlane control, TimeProvider time)
{
    /// <summary>How long the last list counts after the control plane has last confirmed it.</summary>
    public static readonly TimeSpan KnownMax = TimeSpan.FromHours(24);

    /// <summary>Who logs on does not wait longer than this for the newest list.</summary>
    private static readonly TimeSpan LookTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile UserSnapshot _newest = new(0, []);
    private long _confirmedAt;

    /// <summary>Told what was known before, when there is something newer. Must not throw.</summary>
    public required Action<UserSnapshot> Replaced { get; init; }

    public UserSnapshot Newest => _newest;

    /// <exception cref="ControlPlaneException">It does not answer.</exception>
    public async ValueTask<UserSnapshot> ReadAsync(CancellationToken cancellation)
    {
        var asked = time.GetTimestamp();
        var snapshot = Take(await control.ReadAsync(UserDirectory.Key, cancellation));
        Volatile.Write(ref _confirmedAt, asked);
        return snapshot;
    }

    /// <summary>The users, or those last known when the control plane does not answer soon.</summary>
    /// <exception cref="ControlPlaneException">It does not answer, and what was last known is too old.</exception>
    public async ValueTask<UserSnapshot> ReadOrRecallAsync(CancellationToken cancellation)
    {
        try
        {
            // A look that takes longer ends by itself.
            return await ReadAsync(cancellation).AsTask().WaitAsync(LookTimeout, time, cancellation);
        }
        catch (Exception error) when (error is ControlPlaneException or TimeoutException)
        {
            var known = _newest;
            if (known.Version > 0 && time.GetElapsedTime(Volatile.Read(ref _confirmedAt)) < KnownMax) return known;
            throw error as ControlPlaneException ?? new ControlPlaneException("The list of users is not known.", error);
        }
    }

    /// <summary>Takes in what the control plane said.</summary>
    public UserSnapshot Take(ControlValue? value)
    {
        if (value is null) return new UserSnapshot(0, []);

        var known = _newest;
        if (value.Version == known.Version) return known;

        var list = JsonSerializer.Deserialize(value.Json, UserJson.Default.UserList)
            ?? throw new ControlPlaneException("The list of users is empty.");
        var snapshot = new UserSnapshot(value.Version, list.Users.ToDictionary(user => user.Name, UserName.Comparer));
        Publish(snapshot);
        return snapshot;
    }

    /// <summary>Two readers may finish in the other order: the newer list stays.</summary>
    public void Publish(UserSnapshot snapshot)
    {
        UserSnapshot before;
        lock (_gate)
        {
            before = _newest;
            if (snapshot.Version <= before.Version) return;

            _newest = snapshot;
        }

        Replaced(before);
    }
}
