namespace Gateway.Replication.Wire;

/// <summary>A message with one binary form.</summary>
public interface IWireMessage<TSelf>
    where TSelf : IWireMessage<TSelf>
{
    void Write(WireWriter writer);

    /// <summary>
    /// Reads the form <see cref="Write"/> wrote; the caller checks <see cref="WireReader.Complete"/>.
    /// </summary>
    static abstract TSelf Read(ref WireReader reader);
}
