using System.Text;

namespace Gateway.FileSystem.Watches;

/// <summary>One change below a watched directory, by the names from there.</summary>
public readonly record struct WatchEvent(WatchAction Action, IReadOnlyList<ReadOnlyMemory<byte>> Path)
{
    private const int HeadBytes = 12;
    private const int Alignment = 4;

    /// <summary>Empty unless the change is of a stream, which is named behind the file.</summary>
    public ReadOnlyMemory<byte> Stream { get; init; }

    /// <summary>Bytes of a FILE_NOTIFY_INFORMATION (MS-FSCC 2.7.1) that tells it, padded.</summary>
    public int Bytes
    {
        get
        {
            var characters = Path.Count - 1;
            foreach (var name in Path) characters += Encoding.UTF8.GetCharCount(name.Span);
            if (!Stream.IsEmpty) characters += 1 + Encoding.UTF8.GetCharCount(Stream.Span);
            return (HeadBytes + (2 * characters) + Alignment - 1) & ~(Alignment - 1);
        }
    }

    public bool IsSameAs(in WatchEvent other)
    {
        if (Action != other.Action || Path.Count != other.Path.Count || !Stream.Span.SequenceEqual(other.Stream.Span))
            return false;
        for (var i = 0; i < Path.Count; i++)
        {
            if (!Path[i].Span.SequenceEqual(other.Path[i].Span)) return false;
        }

        return true;
    }
}
