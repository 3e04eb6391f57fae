namespace Gateway.Replication.Control.Etcd;

/// <summary>How long a field is; the low three bits of its tag (Protocol Buffers, "Encoding").</summary>
internal enum ProtoWireType
{
    Varint = 0,
    Fixed64 = 1,
    Delimited = 2,
    Fixed32 = 5,
}
