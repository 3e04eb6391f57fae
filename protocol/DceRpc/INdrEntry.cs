namespace Gateway.Protocol.DceRpc;

/// <summary>A structure that comes in levels, as an element of an array or alone.</summary>
public interface INdrEntry
{
    /// <summary>About how many bytes the entry takes at this level.</summary>
    int Bytes(uint level);

    /// <summary>The part of fixed size, pointers in it.</summary>
    void WriteFixed(NdrWriter writer, uint level);

    /// <summary>What the pointers point to, in their order.</summary>
    void WritePointees(NdrWriter writer, uint level);
}
