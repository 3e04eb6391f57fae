namespace Gateway.Replication.Wire;

public static class WireMessages
{
    /// <summary>Decodes a whole head.</summary>
    /// <exception cref="WireViolationException">It is truncated, has trailing bytes or a value out of
    /// bounds.</exception>
    public static TMessage Decode<TMessage>(ReadOnlyMemory<byte> head)
        where TMessage : IWireMessage<TMessage>
    {
        var reader = new WireReader(head);
        var message = TMessage.Read(ref reader);
        return reader.Complete ? message : throw new WireViolationException($"a malformed {typeof(TMessage).Name}");
    }
}
