namespace Gateway.Protocol.DceRpc;

/// <summary>The parameters that all enumerations of MS-SRVS and MS-WKST have in common.</summary>
/// <remarks>
/// <code>
/// names [unique, string] ... | Level | switch value | container [unique] { EntriesRead | Buffer [unique] }
/// | PreferedMaximumLength | ResumeHandle [unique]
/// </code>
/// What the client puts into the container is its room for the answer, empty when it is sent.
/// </remarks>
public readonly record struct EnumRequest
{
    private const int NameLengthMax = 1024;

    /// <summary>The names in front, the first of them the server's.</summary>
    public required IReadOnlyList<string?> Names { get; init; }

    public required uint Level { get; init; }

    /// <summary>The most bytes of entries to return; 2^32 - 1 for all.</summary>
    public required uint PreferredBytesMax { get; init; }

    /// <summary>Where the enumeration before ended; null when the client does not want to go on.</summary>
    public required uint? Resume { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> stub, int names, out EnumRequest request)
    {
        var reader = new NdrReader(stub);
        var read = new string?[names];
        for (var index = 0; index < names; index++) read[index] = reader.ReadUniqueString(NameLengthMax);

        var level = reader.ReadUInt32();
        if (reader.ReadUInt32() != level) reader.Fail();
        if (reader.ReadPointer())
        {
            reader.ReadCount(0);
            if (reader.ReadPointer()) reader.ReadCount(0);
        }

        request = new EnumRequest
        {
            Names = read,
            Level = level,
            PreferredBytesMax = reader.ReadUInt32(),
            Resume = reader.ReadPointer() ? reader.ReadUInt32() : null,
        };
        return reader.Intact;
    }
}
