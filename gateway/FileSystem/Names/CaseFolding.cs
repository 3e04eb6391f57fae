using System.Text;

namespace Gateway.FileSystem.Names;

/// <summary>
/// Names without regard to case: two names are one to SMB when their folded forms are equal. Lower case is the folded
/// form, as most names are written so already and then need no row of their own for it.
/// </summary>
/// <remarks>
/// Works on UTF-8. Bytes that are no UTF-8, and characters beyond the BMP, fold to themselves. Folding again changes
/// nothing. The result is stored in rows: it must never change.
/// </remarks>
public static class CaseFolding
{
    /// <summary>Two bytes may become three.</summary>
    public const int FoldedBytesMax = (FileSystemLimits.NameBytesMax / 2 * 3) + 1;

    private const int PageBits = 8;
    private const int PageMask = (1 << PageBits) - 1;

    private static readonly ushort[]?[] Pages = Build();

    public static char Fold(char character) =>
        Pages[character >> PageBits] is { } page ? (char)page[character & PageMask] : character;

    /// <summary>Folds a name of at most <see cref="FileSystemLimits.NameBytesMax"/> bytes.</summary>
    /// <returns>The folded form, in <paramref name="buffer"/> or the name itself.</returns>
    public static ReadOnlySpan<byte> Fold(ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        var at = FirstUnsure(name);
        if (at < 0) return name;

        name[..at].CopyTo(buffer);
        var length = at;
        while (at < name.Length)
        {
            var value = name[at];
            if (value < 0x80)
            {
                buffer[length++] = (byte)Fold((char)value);
                at++;
                continue;
            }

            var status = Rune.DecodeFromUtf8(name[at..], out var rune, out var bytes);
            if (status == System.Buffers.OperationStatus.Done && rune.IsBmp)
            {
                length += new Rune(Fold((char)rune.Value)).EncodeToUtf8(buffer[length..]);
            }
            else
            {
                name.Slice(at, bytes).CopyTo(buffer[length..]);
                length += bytes;
            }

            at += bytes;
        }

        return buffer[..length];
    }

    /// <summary>True when two names are one without regard to case.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        Span<byte> oneBuffer = stackalloc byte[FoldedBytesMax];
        Span<byte> otherBuffer = stackalloc byte[FoldedBytesMax];
        return Fold(one, oneBuffer).SequenceEqual(Fold(other, otherBuffer));
    }

    /// <summary>Index of the first byte that may not be folded already; -1 when all are.</summary>
    private static int FirstUnsure(ReadOnlySpan<byte> name)
    {
        var upper = name.IndexOfAnyInRange((byte)'A', (byte)'Z');
        var beyond = name.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
        return upper < 0 || (beyond >= 0 && beyond < upper) ? beyond : upper;
    }

    private static ushort[]?[] Build()
    {
        var pages = new ushort[]?[1 << (16 - PageBits)];
        foreach (var (first, last, step, delta) in CaseTable.Runs)
        {
            for (var character = first; character <= last; character += step)
            {
                var page = pages[character >> PageBits] ??= Identity(character & ~PageMask);
                page[character & PageMask] = (ushort)(character + delta);
            }
        }

        return pages;
    }

    private static ushort[] Identity(int first)
    {
        var page = new ushort[1 << PageBits];
        for (var i = 0; i < page.Length; i++) page[i] = (ushort)(first + i);
        return page;
    }
}
