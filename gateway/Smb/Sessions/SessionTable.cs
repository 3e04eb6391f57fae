using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gateway.Smb.Sessions;

/// <summary>All sessions of the server by id (MS-SMB2 3.3.1.5 GlobalSessionTable).</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class SessionTable
{
    private readonly ConcurrentDictionary<ulong, SmbSession> _sessions = new();
    private readonly ConcurrentDictionary<ulong, SmbSession> _ending = new();
    private readonly ConcurrentDictionary<Guid, ImmutableArray<SmbSession>> _ofClients = new();

    public int Count => _sessions.Count;

    /// <summary>A number of the moment: sessions come and go meanwhile.</summary>
    public IEnumerable<SmbSession> All => _sessions.Values;

    /// <summary>
    /// The sessions of a client, by its ClientGuid, in the order in which they were begun; none for a client of SMB 2.0.2, which
    /// has no such name.
    /// </summary>
    public ImmutableArray<SmbSession> OfClient(Guid client) =>
        _ofClients.TryGetValue(client, out var sessions) ? sessions : [];

    public bool TryGet(ulong id, [NotNullWhen(true)] out SmbSession? session) => _sessions.TryGetValue(id, out session);

    /// <summary>The same, and also a session whose end is under way.</summary>
    public bool TryGetEvenEnding(ulong id, [NotNullWhen(true)] out SmbSession? session) =>
        _sessions.TryGetValue(id, out session) || _ending.TryGetValue(id, out session);

    /// <summary>
    /// Adds the session made for a new id. Ids are random and tell nothing; they have 32 bits, as those of other servers do
    /// and some clients take for granted.
    /// </summary>
    public SmbSession Add(Func<ulong, SmbSession> make)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        while (true)
        {
            RandomNumberGenerator.Fill(bytes);
            var id = BitConverter.ToUInt32(bytes);
            if (id is 0 or uint.MaxValue) continue;

            var session = make(id);
            if (!_sessions.TryAdd(id, session)) continue;

            if (session.ClientGuid != Guid.Empty)
                _ofClients.AddOrUpdate(session.ClientGuid, _ => [session], (_, others) => others.Add(session));
            return session;
        }
    }

    /// <summary>The session is found no more, but by who waits for its end.</summary>
    public void BeginEnd(SmbSession session)
    {
        _ending[session.Id] = session;
        Remove(session);
    }

    public void CompleteEnd(SmbSession session) => _ending.TryRemove(new(session.Id, session));

    public void Remove(SmbSession session)
    {
        if (!_sessions.TryRemove(new(session.Id, session))) return;

        while (_ofClients.TryGetValue(session.ClientGuid, out var sessions))
        {
            var others = sessions.Remove(session);
            var isDone = others.IsEmpty
                ? _ofClients.TryRemove(new(session.ClientGuid, sessions))
                : _ofClients.TryUpdate(session.ClientGuid, others, sessions);
            if (isDone) return;
        }
    }
}
