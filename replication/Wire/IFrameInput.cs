namespace Gateway.Replication.Wire;

/// <summary>Frames that arrive at one end of a link, one after another. One reader at a time.</summary>
public interface IFrameInput
{
    /// <summary>Raised by the owner once the peer has proved itself.</summary>
    int HeadBytesMax { get; set; }

    FrameHeader Header { get; }

    /// <summary>
    /// The head of a <see cref="FrameKind.Journal"/> frame is an array of its own, which the decoded entries go on
    /// using; other heads are valid until the next frame.
    /// </summary>
    ReadOnlyMemory<byte> Head { get; }

    /// <summary>Reads the next frame's header and head; false when the link ended between frames.</summary>
    /// <exception cref="WireViolationException">The peer sent no frame within the bounds.</exception>
    /// <exception cref="EndOfStreamException">The link ended inside a frame.</exception>
    ValueTask<bool> ReadHeadAsync(CancellationToken cancellation);

    /// <summary>The whole payload of the current frame, checked; the caller releases it.</summary>
    /// <remarks>A payload that nobody takes is skipped by the next <see cref="ReadHeadAsync"/>.</remarks>
    ValueTask<LentPayload> TakePayloadAsync(CancellationToken cancellation);
}
