using System.Formats.Asn1;

namespace Gateway.Protocol.Spnego;

/// <summary>Takes a DER structure apart, element by element, without exceptions for hostile input.</summary>
internal ref struct DerReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Takes the next element if it has the tag: its content, or with <paramref name="whole"/> all of it.</summary>
    public bool TryRead(Asn1Tag tag, out ReadOnlySpan<byte> content, out ReadOnlySpan<byte> whole)
    {
        content = whole = default;
        if (!AsnDecoder.TryReadEncodedValue(
                _rest, AsnEncodingRules.DER, out var found, out var offset, out var length, out var consumed)
            || found != tag)
        {
            return false;
        }

        content = _rest.Slice(offset, length);
        whole = _rest[..consumed];
        _rest = _rest[consumed..];
        return true;
    }

    public bool TryRead(Asn1Tag tag, out ReadOnlySpan<byte> content) => TryRead(tag, out content, out _);

    /// <summary>
    /// Takes the next element if it is the explicitly tagged field with the number and wraps what it must. Otherwise the
    /// reader stays where it is: optional fields are asked for in order, and what nobody asked for is left over.
    /// </summary>
    public bool TryReadField(int number, Asn1Tag inner, out ReadOnlySpan<byte> content, out ReadOnlySpan<byte> whole)
    {
        content = whole = default;
        var before = _rest;
        if (!TryRead(Field(number), out var wrapped)) return false;

        var reader = new DerReader(wrapped);
        if (reader.TryRead(inner, out content, out whole) && reader.AtEnd) return true;

        content = whole = default;
        _rest = before;
        return false;
    }

    /// <summary>The tag of an explicitly tagged field.</summary>
    public static Asn1Tag Field(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
