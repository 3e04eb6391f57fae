namespace Gateway.Replication.Wire;

/// <summary>Who lends the bytes of a payload; told once when they are no longer needed.</summary>
public interface IPayloadLender
{
    /// <summary>
    /// The bytes were handed to the operating system, the receiver is done with them, or the link closed.
    /// Any thread; must not block.
    /// </summary>
    void PayloadReleased();

    /// <summary>
    /// A receiver in this process has taken the bytes and may keep them: they are no longer on their way.
    /// <see cref="PayloadReleased"/> follows. Any thread; must not block.
    /// </summary>
    void PayloadTaken()
    {
    }
}

/// <summary>Owns bytes that several readers may use, each for as long as it needs them.</summary>
public interface IPayloadSource
{
    /// <summary>
    /// Lends a part of its bytes, which stay as they are until the reader releases them. Any thread; must not block.
    /// </summary>
    LentPayload Lend(ReadOnlyMemory<byte> bytes);
}

/// <summary>Bytes that somebody else owns, to be released once by whoever holds this. The default has none.</summary>
public readonly record struct LentPayload(ReadOnlyMemory<byte> Bytes, IPayloadLender? Lender)
{
    public bool IsEmpty => Bytes.IsEmpty;

    public int Length => Bytes.Length;

    public void Release() => Lender?.PayloadReleased();
}
