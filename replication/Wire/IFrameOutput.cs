namespace Gateway.Replication.Wire;

/// <summary>Frames on their way out of one end of a link.</summary>
/// <remarks>
/// Threading: frames are posted from any thread. Posting may run the peer's reader on the caller's thread, so no lock
/// may be held while doing it.
/// </remarks>
public interface IFrameOutput
{
    /// <summary>
    /// True when payloads travel where bits may flip and need their checksum; false when they are handed over by reference.
    /// </summary>
    bool CarriesPayloadChecksums { get; }

    /// <summary>
    /// Posts a frame behind those already posted. False when the link is closed or more than the bound would wait:
    /// nothing was posted then, and the payload is still the caller's.
    /// </summary>
    /// <param name="kind">What the frame is.</param>
    /// <param name="requestId">Joins request and reply.</param>
    /// <param name="message">Its head.</param>
    /// <param name="payload">Lent until its lender is told.</param>
    /// <param name="payloadCrc">CRC-32C of the payload, when the output carries it.</param>
    bool TryPost<TMessage>(
        FrameKind kind, ulong requestId, in TMessage message, LentPayload payload = default, uint payloadCrc = 0)
        where TMessage : IWireMessage<TMessage>;

    /// <summary>Brings what was posted on its way; only before <see cref="RunAsync"/>.</summary>
    ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>
    /// Sends until cancelled, closed, or the link fails, which it reports by an exception.
    /// </summary>
    Task RunAsync(CancellationToken cancellation);

    /// <summary>Takes no more frames; what was posted before is still sent.</summary>
    void Close();

    /// <summary>
    /// Takes no more frames and ends <see cref="RunAsync"/> with an <see cref="IOException"/>. Any thread, any time.
    /// </summary>
    void Fail(string cause);
}
