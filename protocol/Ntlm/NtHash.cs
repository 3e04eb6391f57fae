using System.Security.Cryptography;
using System.Text;

namespace Gateway.Protocol.Ntlm;

/// <summary>What NTLM keeps of a password: MD4 of its UTF-16, as good as the password itself (MS-NLMP 3.3.1, NTOWFv1).</summary>
public static class NtHash
{
    public const int Bytes = Md4.HashBytes;

    public static byte[] Of(ReadOnlySpan<char> password)
    {
        var hash = new byte[Bytes];
        var text = new byte[password.Length * sizeof(char)];
        Encoding.Unicode.GetBytes(password, text);
        Md4.HashData(text, hash);
        CryptographicOperations.ZeroMemory(text);
        return hash;
    }
}
