using System.Security.Cryptography;
using Gateway.Replication.Control;
using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// The control record of one volume in the hands of its owner: makes the volume, takes epochs, replaces emptied
/// members.
/// Every change is a compare-and-set that is conditional on what this process last saw.
/// </summary>
/// <remarks>Any thread; one change at a time.</remarks>
internal sealed class VolumeAdmission(
    VolumeRecords records, ReplicationOptions options, TimeProvider time, ILogger logger)
        : IMemberReplacement, IDisposable
{
    private const int AttemptsMax = 10;

    private readonly SemaphoreSlim _gate = new(1);
    private VersionedRecord? _current;

    /// <summary>Told when a member was replaced by an empty one. Must not block.</summary>
    public Action<string>? Replaced { get; set; }

    public VolumeRecord Record => _current!.Record;

    /// <summary>Reads the record, or makes the first one, without members yet.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        _current = await records.ReadAsync(options.Volume, cancellation);
        if (_current is null)
        {
            var first = VolumeRecord.Of(
                new Guid(RandomNumberGenerator.GetBytes(16)), options.Nodes.Select(node => node.ToMember()),
                options.OwnerAddress, options.LeaseMilliseconds);
            _current = await records.CompareAndSetAsync(options.Volume, 0, first, cancellation)
                ?? await records.ReadAsync(options.Volume, cancellation);
        }
    }

    /// <summary>
    /// While the volume never had an owner: admits all members fresh, and records their incarnations first. From
    /// epoch 1 on an empty node is one that lost its data.
    /// </summary>
    public async Task AdmitFreshAsync(VolumePeers peers, CancellationToken cancellation)
    {
        if (Record.Epoch != 0) return;

        var fresh = new FreshAdmission(time);
        var members = await Task.WhenAll(Record.Members.Select(async member => member with
        {
            Incarnation = await fresh.FindIncarnationAsync(Record, peers.Find(member.NodeId)!, cancellation),
        }));
        if (!members.SequenceEqual(Record.Members)) await ChangeAsync(Record with { Members = members }, cancellation);
        await Task.WhenAll(peers.Select(peer => fresh.AdmitAsync(Record, peer, cancellation)));
        Log.VolumeCreated(logger, options.Volume);
    }

    /// <summary>
    /// Takes the next epoch, provided that the record still stands at the one that the decision rests on: when another
    /// gateway has taken the volume since, it is the owner. An attempt that nobody answers may have happened or not: the
    /// record, read again, tells by the owner's id.
    /// </summary>
    /// <exception cref="VolumeLostException">Another gateway was faster.</exception>
    /// <exception cref="ControlPlaneException">It is not known what the record is.</exception>
    public async Task TakeEpochAfterAsync(ulong epoch, CancellationToken cancellation)
    {
        var owner = NewOwnerId();
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            // What changed within the epoch, its membership, is no reason to give way.
            _current = await records.ReadAsync(options.Volume, cancellation) ?? throw Gone();
            if (Record.Epoch == epoch + 1 && Record.OwnerId == owner) return;
            if (Record.Epoch != epoch) break;
            try
            {
                if (await TryChangeAsync(OwnedFrom(epoch + 1, owner), cancellation)) return;
            }
            catch (ControlPlaneException unanswered)
            {
                Log.ControlFailed(logger, options.Volume, unanswered.Message);
            }
        }

        throw new VolumeLostException($"Another gateway was faster to take volume {options.Volume}.");
    }

    /// <summary>Takes an epoch above every one known; what the record says of the membership comes with it.</summary>
    public async Task TakeEpochAsync(ulong highestPromise, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (await TryChangeAsync(OwnedFrom(Math.Max(Record.Epoch, highestPromise) + 1, NewOwnerId()), cancellation)) return;
            _current = await records.ReadAsync(options.Volume, cancellation) ?? throw Gone();
        }

        throw new VolumeLostException($"Others take volume {options.Volume} faster than this process.");
    }

    /// <summary>
    /// Changes the record while this process owns the epoch. An attempt that nobody answers may have happened or not: the
    /// record is read again before anything else is decided.
    /// </summary>
    /// <param name="change">Null for what is found: nothing is to be done.</param>
    /// <param name="cancellation">Of the call.</param>
    /// <returns>What the record is now; null when it is no longer this owner's.</returns>
    /// <exception cref="ControlPlaneException">It is not known what the record is.</exception>
    public async Task<VolumeRecord?> ChangeMembersAsync(
        Func<VolumeRecord, VolumeRecord?> change, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            for (var attempt = 0; attempt < AttemptsMax; attempt++)
            {
                var mine = Record;
                var found = await records.ReadAsync(options.Volume, cancellation) ?? throw Gone();
                if (found.Record.Epoch != mine.Epoch || found.Record.OwnerId != mine.OwnerId) return null;
                if (found.Record.ConfigGeneration < mine.ConfigGeneration)
                    throw new ControlPlaneException($"The record of volume {options.Volume} is older than it was.");

                _current = found;
                if (change(found.Record) is not { } next || await TryChangeAsync(next, cancellation)) return Record;
            }

            throw new ControlPlaneException($"The record of volume {options.Volume} changes all the time.");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>True while the record still names this process's epoch.</summary>
    public async Task<bool> IsStillOursAsync(CancellationToken cancellation)
    {
        var now = await records.ReadAsync(options.Volume, cancellation);
        return now is not null && now.Record.Epoch == Record.Epoch && now.Record.OwnerId == Record.OwnerId;
    }

    public async Task<VolumeRecord?> ReplaceAsync(string nodeId, ulong incarnation)
    {
        await _gate.WaitAsync();
        try
        {
            if (!await IsStillOursAsync(CancellationToken.None)) return null;
            if (!Record.AllMembers().Any(known => known.NodeId == nodeId && known.Incarnation == incarnation))
            {
                if (!await TryChangeAsync(Record.WithIncarnation(nodeId, incarnation), CancellationToken.None))
                    return null;

                Log.MemberReplaced(logger, nodeId, incarnation);
            }

            Replaced?.Invoke(nodeId);
            return Record;
        }
        catch (ControlPlaneException error)
        {
            // The copy goes on being refused, the core asks again.
            Log.ControlFailed(logger, options.Volume, error.Message);
            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private static ulong NewOwnerId() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    private VolumeRecord OwnedFrom(ulong epoch, ulong owner) => Record with
    {
        Epoch = epoch,
        OwnerId = owner,
        OwnerAddress = options.OwnerAddress,
        LeaseMilliseconds = options.LeaseMilliseconds,
    };

    private async Task ChangeAsync(VolumeRecord next, CancellationToken cancellation)
    {
        if (!await TryChangeAsync(next, cancellation))
            throw new VolumeLostException($"The record of volume {options.Volume} was changed by another process.");
    }

    private async Task<bool> TryChangeAsync(VolumeRecord next, CancellationToken cancellation)
    {
        var written = await records.CompareAndSetAsync(options.Volume, _current!.Version, next, cancellation);
        if (written is null) return false;
        _current = written;
        return true;
    }

    private VolumeLostException Gone() => new($"The record of volume {options.Volume} is gone.");
}
