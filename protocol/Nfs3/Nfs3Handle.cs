using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>nfs_fh3, RFC 1813 §2.6: up to 64 bytes that only the server can read, kept by value.</summary>
public readonly struct Nfs3Handle : IEquatable<Nfs3Handle>
{
    private readonly Content _bytes;
    private readonly byte _length;

    /// <exception cref="ArgumentOutOfRangeException">More than 64 bytes.</exception>
    public Nfs3Handle(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Nfs3Protocol.HandleBytesMax);
        bytes.CopyTo(_bytes);
        _length = (byte)bytes.Length;
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Span => ((ReadOnlySpan<byte>)_bytes)[.._length];

    public int Length => _length;

    public bool Equals(Nfs3Handle other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is Nfs3Handle other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexString(Span);

    public static bool operator ==(Nfs3Handle left, Nfs3Handle right) => left.Equals(right);

    public static bool operator !=(Nfs3Handle left, Nfs3Handle right) => !left.Equals(right);

    /// <summary>post_op_fh3: absent or present.</summary>
    internal static void WriteOptional(XdrWriter writer, in Nfs3Handle? handle)
    {
        writer.WriteBoolean(handle.HasValue);
        if (handle is { } present) writer.WriteOpaque(present.Span);
    }

    internal static Nfs3Handle? ReadOptional(ref XdrReader reader) =>
        reader.ReadBoolean() ? Read(ref reader) : null;

    internal static Nfs3Handle Read(ref XdrReader reader) =>
        new(reader.ReadOpaque(Nfs3Protocol.HandleBytesMax));

    [InlineArray(Nfs3Protocol.HandleBytesMax)]
    private struct Content
    {
        private byte _first;
    }
}
