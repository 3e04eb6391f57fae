namespace Gateway.Smb.Connections;

/// <summary>Why a message of somebody who has logged on was not believed.</summary>
internal enum SmbRefusal
{
    /// <summary>Not signed, in a session whose messages must be.</summary>
    Unsigned,

    /// <summary>Not encrypted, in a session or tree whose messages must be.</summary>
    Unencrypted,

    /// <summary>Signed with another key, or changed on the way.</summary>
    WrongSignature,

    /// <summary>Encrypted with another key, or changed on the way.</summary>
    WrongSeal,

    /// <summary>Signed or encrypted rightly, but with a message id that was used before, or was not granted.</summary>
    Replayed,

    /// <summary>What was negotiated is not what the client offered: somebody changed it on the way.</summary>
    Downgraded,
}
