using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Smb.Connections;

/// <summary>What the end of a compound still needs of an element that has been answered.</summary>
/// <param name="Offset">Of its header in the response's buffer.</param>
/// <param name="Bytes">Header and body, padding included.</param>
/// <param name="Header">As it will be written.</param>
/// <param name="Charge">What the request cost.</param>
/// <param name="Requested">Credits it asks for.</param>
/// <param name="Signer">Null when the response is not signed.</param>
internal readonly record struct ResponseElement(
    int Offset, int Bytes, Smb2Header Header, int Charge, int Requested, Smb2Signer? Signer);
