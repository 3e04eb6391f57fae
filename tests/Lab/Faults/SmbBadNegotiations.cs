using Gateway.SmbClient;
using static Gateway.Lab.Faults.SmbBadRequest;

namespace Gateway.Lab.Faults;

/// <summary>A NEGOTIATE that is wrong in one place; none may succeed, and each may end the connection.</summary>
public sealed record SmbBadNegotiation(string Name, byte[] Body)
{
    // Of the body: the offset, from the header, of the contexts and their number (MS-SMB2 2.2.3).
    private const int DialectCount = 2;
    private const int ContextOffset = 28;
    private const int ContextCount = 32;

    private static readonly byte[] Right = Bodies.Negotiate(Bodies.AllDialects, default);

    // Where the first context begins in the body: right behind the dialects, at a multiple of eight.
    private static readonly int First = BitConverter.ToInt32(Right, ContextOffset) - Bodies.HeaderBytes;

    public static IEnumerable<SmbBadNegotiation> All => [.. Counts(), .. Lists(), .. Contexts()];

    public override string ToString() => Name;

    private static SmbBadNegotiation Field(string field, int at, int bytes, ulong value) =>
        new($"{field} is 0x{value:X}", Overwrite([.. Right], at, bytes, value));

    private static IEnumerable<SmbBadNegotiation> Counts()
    {
        foreach (var count in new ulong[] { 0, 1000, ushort.MaxValue }) yield return Field("DialectCount", DialectCount, 2, count);
        foreach (var size in new ulong[] { 0, 35, 37, ushort.MaxValue }) yield return Field("StructureSize", 0, 2, size);
        foreach (var count in new ulong[] { 0, 4, 100, ushort.MaxValue }) yield return Field("NegotiateContextCount", ContextCount, 2, count);
        foreach (var offset in new ulong[] { 0, 1, 63, 99, 4096, 0x7FFFFFFF, 0xFFFFFFF8, uint.MaxValue })
            yield return Field("NegotiateContextOffset", ContextOffset, 4, offset);
    }

    private static IEnumerable<SmbBadNegotiation> Lists()
    {
        foreach (var length in new ulong[] { 1000, 0x7FFF, ushort.MaxValue }) yield return Field("DataLength", First + 2, 2, length);
        foreach (var count in new ulong[] { 2, ushort.MaxValue }) yield return Field("HashAlgorithmCount", First + 8, 2, count);
        foreach (var length in new ulong[] { 33, ushort.MaxValue }) yield return Field("SaltLength", First + 10, 2, length);
        yield return Field("HashAlgorithm", First + 12, 2, 7);
        yield return Field("the first context's type", First, 2, 0x7777);
    }

    private static IEnumerable<SmbBadNegotiation> Contexts()
    {
        byte[] preauth = Context(1, [1, 0, 0, 0, 1, 0]);
        yield return With("no preauthentication", 1, Context(2, [1, 0, 2, 0]));
        yield return With("preauthentication twice", 2, Aligned(preauth), preauth);
        yield return With("preauthentication of nothing", 1, Context(1, []));
        yield return With("preauthentication without algorithms", 1, Context(1, [0, 0, 0, 0]));
        yield return With("ciphers twice", 3, Aligned(preauth), Aligned(Context(2, [1, 0, 2, 0])), Context(2, [1, 0, 1, 0]));
        yield return With("no ciphers in their list", 2, Aligned(preauth), Context(2, [0, 0]));
        yield return With("more ciphers than there are", 2, Aligned(preauth), Context(2, [9, 0, 2, 0]));
        yield return With("no signing algorithms in their list", 2, Aligned(preauth), Context(8, [0, 0]));
        yield return With("more signing algorithms than there are", 2, Aligned(preauth), Context(8, [255, 255, 2, 0]));
        yield return With("a context cut in its header", 2, Aligned(preauth), [2, 0, 4, 0]);
    }

    private static SmbBadNegotiation With(string name, ushort count, params byte[][] contexts) =>
        new(name, Overwrite([.. Right[..First], .. contexts.SelectMany(context => context)], ContextCount, 2, count));

    private static byte[] Context(int type, byte[] content) =>
        new MessageWriter().U16(type).U16(content.Length).U32(0).Bytes(content).ToArray();

    private static byte[] Aligned(byte[] context) => [.. context, .. new byte[(8 - (context.Length % 8)) % 8]];
}
