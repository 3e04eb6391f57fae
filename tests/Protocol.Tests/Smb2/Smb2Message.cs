using Gateway.Protocol.Smb2;

namespace Gateway.Protocol.Tests.Smb2;

/// <summary>Messages for codecs to read, whole and cut short.</summary>
public static class Smb2Message
{
    public delegate bool Parser(ReadOnlySpan<byte> bytes);

    /// <summary>A message with a header of zeros in front of the body.</summary>
    public static byte[] Of(ReadOnlySpan<byte> body)
    {
        var message = new byte[Smb2Header.Bytes + body.Length];
        body.CopyTo(message.AsSpan(Smb2Header.Bytes));
        return message;
    }

    /// <summary>The whole is taken; each beginning of it that is shorter than <paramref name="neededBytes"/> is refused.</summary>
    public static void AssertTruncations(byte[] whole, Parser parse, int neededBytes)
    {
        Assert.That(parse(whole), Is.True, "the whole");
        for (var length = 0; length < neededBytes; length++) Assert.That(parse(whole.AsSpan(0, length)), Is.False, $"{length} bytes");
        for (var length = neededBytes; length < whole.Length; length++) Assert.That(parse(whole.AsSpan(0, length)), Is.True, $"{length} bytes");
    }

    /// <summary>No value of any byte, alone, makes a parser throw.</summary>
    public static void AssertNothingThrows(byte[] whole, Parser parse)
    {
        ReadOnlySpan<byte> values = [0, 1, 0x7F, 0x80, 0xFF];
        var damaged = (byte[])whole.Clone();
        for (var index = 0; index < damaged.Length; index++)
        {
            foreach (var value in values)
            {
                damaged[index] = value;
                parse(damaged);
            }

            damaged[index] = whole[index];
        }
    }
}
