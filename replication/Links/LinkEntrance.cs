using System.IO.Pipelines;
using Gateway.Replication.Wire;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Replication.Links;

/// <summary>Where a connection to a node becomes a link: encrypted or in clear, as the node takes them, and no other.</summary>
internal static class LinkEntrance
{
    /// <summary>Content type of a record with a handshake message, the first of every TLS connection (RFC 8446 §5.1).</summary>
    private const byte TlsHandshakeRecord = 22;

    /// <exception cref="LinkRefusedException">The peer speaks the other form, or its certificate is not believed.</exception>
    /// <exception cref="IOException">The peer says nothing, or no TLS.</exception>
    public static async Task<IFrameTransport> OpenAsync(ConnectionContext connection, LinkTrust trust, CancellationToken cancellation)
    {
        var pipes = connection.Transport;
        var isTls = await BeginsWithTlsAsync(pipes.Input, cancellation);
        if (isTls && trust.Tls is { } tls)
            return await tls.AcceptAsync(new ConnectionStream(pipes), connection.Abort, NodeConnection.ReplyBytesMax, cancellation);

        if (isTls) throw new LinkRefusedException(LinkRefusal.Encrypted);

        var plain = new StreamTransport(pipes.Input.AsStream(), pipes.Output.AsStream(), NodeConnection.ReplyBytesMax);
        if (trust.Tls is not null) await LinkHandshake.RefusePlainAsync(plain.Output, cancellation);
        return plain;
    }

    // Looks without taking: whoever is handed the connection reads the byte again.
    private static async ValueTask<bool> BeginsWithTlsAsync(PipeReader input, CancellationToken cancellation)
    {
        var read = await input.ReadAsync(cancellation);
        if (read.Buffer.IsEmpty) throw new EndOfStreamException();

        var first = read.Buffer.Slice(0, 1).FirstSpan[0];
        input.AdvanceTo(read.Buffer.Start);
        return first == TlsHandshakeRecord;
    }
}
