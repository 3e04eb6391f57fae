using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gateway.Smb.Sessions;

/// <summary>All sessions of the server by id (MS-SMB2 3.3.1.5 GlobalSessionTable).</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class SessionTable
{
    private readonly ConcurrentDictionary<ulong, SmbSession> _sessions = new();

    public int Count => _sessions.Count;

    /// <summary>A number of the moment: sessions come and go meanwhile.</summary>
    public IEnumerable<SmbSession> All => _sessions.Values;

    public bool TryGet(ulong id, [NotNullWhen(true)] out SmbSession? session) => _sessions.TryGetValue(id, out session);

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
            if (_sessions.TryAdd(id, session)) return session;
        }
    }

    public void Remove(SmbSession session) => _sessions.TryRemove(new(session.Id, session));
}
