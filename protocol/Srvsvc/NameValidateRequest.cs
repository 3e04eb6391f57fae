using System.Buffers;
using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Srvsvc;

/// <summary>NetprNameValidate, MS-SRVS 3.1.4.34: would this be a name of its type?</summary>
public readonly record struct NameValidateRequest(string Name, uint Type)
{
    /// <summary>NAMETYPE_SHARE, MS-SRVS 2.2.2.8.</summary>
    public const uint Share = 9;

    private const uint TypeMax = 14;
    private const int ShareNameLengthMax = 80;

    private static readonly SearchValues<char> Reserved = SearchValues.Create("\"/\\[]:|<>+=;,?*");

    public static bool TryParse(ReadOnlySpan<byte> stub, out NameValidateRequest request)
    {
        var reader = new NdrReader(stub);
        reader.ReadUniqueString(SrvsvcProtocol.NameLengthMax);
        request = new NameValidateRequest(reader.ReadString(SrvsvcProtocol.NameLengthMax), reader.ReadUInt32());
        reader.ReadUInt32();
        return reader.Intact;
    }

    public Win32Error Check()
    {
        if (Type is 0 or > TypeMax) return Win32Error.InvalidParameter;
        if (Name.Length == 0 || (Type == Share && Name.Length > ShareNameLengthMax)) return Win32Error.InvalidName;

        // MS-SRVS 3.1.4.34 by way of what no SMB name may hold.
        return Name.AsSpan().ContainsAny(Reserved) || Name.Any(char.IsControl) ? Win32Error.InvalidName : Win32Error.Success;
    }
}
