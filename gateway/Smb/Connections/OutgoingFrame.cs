namespace Gateway.Smb.Connections;

/// <summary>Bytes that are ready to be sent, and who gets its memory back afterwards.</summary>
/// <param name="Bytes">The whole frame, its length in front.</param>
/// <param name="Request">Answered by it, and over once it has left; null for messages in between.</param>
/// <param name="Rented">Given back to the pool once it has left.</param>
internal readonly record struct OutgoingFrame(ArraySegment<byte> Bytes, SmbRequest? Request, byte[]? Rented);
