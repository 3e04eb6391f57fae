using System.Buffers.Binary;
using static Gateway.Lab.Faults.SmbBadRequest;

namespace Gateway.Lab.Faults;

/// <summary>What an AUTHENTICATE message is turned into before it is sent; nobody is logged on by it.</summary>
public sealed record SmbBadLogOn(string Name, Func<byte[], byte[]> Alter)
{
    // Fields of AUTHENTICATE (MS-NLMP 2.2.1.3): length, maximum, offset.
    private static readonly (string Name, int At)[] Fields =
        [("LmChallengeResponse", 12), ("NtChallengeResponse", 20), ("DomainName", 28), ("UserName", 36), ("Workstation", 44), ("EncryptedRandomSessionKey", 52)];

    public static IEnumerable<SmbBadLogOn> All => [.. Lengths(), .. Responses(), .. Names(), .. Envelopes()];

    public override string ToString() => Name;

    private static IEnumerable<SmbBadLogOn> Lengths()
    {
        foreach (var (field, at) in Fields)
        {
            yield return new($"{field} of 65535", message => Overwrite(message, at, 2, ushort.MaxValue));
            foreach (var offset in new ulong[] { 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, uint.MaxValue })
                yield return new($"{field} at 0x{offset:X}", message => Overwrite(Overwrite(message, at, 2, 8), at + 4, 4, offset));
        }
    }

    // Shorter than the proof, than the head of the blob, than its names: lengths that must not go below zero.
    private static IEnumerable<SmbBadLogOn> Responses()
    {
        foreach (var length in new ulong[] { 0, 1, 8, 15, 16, 17, 24, 25, 43, 44, 47 })
            yield return new($"a response of {length}", message => Overwrite(message, 20, 2, length));
        foreach (var length in new ulong[] { 1, 3, 1000, 0x7FFF, ushort.MaxValue })
            yield return new($"a name of the server with {length}", message => Overwrite(message, Response(message) + 16 + 28 + 2, 2, length));
        yield return new("a response of another version", message => Overwrite(message, Response(message) + 16, 2, 0x0202));
    }

    private static IEnumerable<SmbBadLogOn> Names()
    {
        yield return new("a user's name of odd length", message => Overwrite(message, 36, 2, 3));
        yield return new("a user's name of half a pair", message => Overwrite(message, BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(40)), 2, 0xD800));
        yield return new("a user's name with a zero", message => Overwrite(message, BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(40)), 2, 0));
    }

    private static IEnumerable<SmbBadLogOn> Envelopes()
    {
        yield return new("nothing", _ => []);
        yield return new("another signature", message => Overwrite(message, 0, 1, 'X'));
        yield return new("the first message again", message => Overwrite(message, 8, 4, 1));
        yield return new("a challenge", message => Overwrite(message, 8, 4, 2));
        yield return new("a message of no type", message => Overwrite(message, 8, 4, 77));
        yield return new("no Unicode", message => Overwrite(message, 60, 4, 0));
        yield return new("SPNEGO of an endless length", _ => [0xA1, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]);
        yield return new("SPNEGO of an indefinite length", _ => [0xA1, 0x80, 0x30, 0x80, 0, 0, 0, 0]);
        yield return new("SPNEGO in SPNEGO", message => [0xA1, 0x7F, .. message.Take(127)]);
        yield return new("a thousand sequences", _ => [.. Enumerable.Repeat(new byte[] { 0x30, 0x82, 0x07, 0xD0 }, 500).SelectMany(bytes => bytes)]);
    }

    private static int Response(byte[] message) => BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(24));
}
