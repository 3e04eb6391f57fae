using System.Security.Cryptography;

namespace Gateway.Lab;

/// <summary>A user of the product's SMB shares, with the password in a file as mount.cifs and smbclient read it.</summary>
internal sealed record SmbUser(string Name, string Password, string CredentialsFile)
{
    public static SmbUser New(LabDirectory directory, string name)
    {
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        var file = directory[$"credentials.{name}"];
        File.WriteAllText(file, $"username={name}\npassword={password}\n");
        return new SmbUser(name, password, file);
    }
}
