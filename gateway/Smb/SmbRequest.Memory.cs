using System.Buffers.Binary;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Connections;
using Gateway.Smb.Sessions;

namespace Gateway.Smb;

// The message of a request and its elements. All of it belongs to the connection.
internal sealed partial class SmbRequest
{
    private int _start;
    private int _end;
    private int _elementStart;
    private int _elementEnd;
    private ulong _signed;
    private ulong _verified;

    public SmbRequest() => _resume = Resume;

    /// <summary>What the message is in.</summary>
    internal ReceivedMemory Memory { get; } = new();

    /// <summary>What the request has reserved of the budgets.</summary>
    internal int RequestCharge { get; set; }

    internal int ResponseCharge { get; set; }

    /// <summary>What it has reserved instead since it was answered with STATUS_PENDING; 0 before.</summary>
    internal int PendingCharge { get; set; }

    internal bool HoldsLargeBuffers => Memory.IsLarge || !Response.IsSmall;

    internal Span<byte> ReceiveFree => Memory.Bytes.AsSpan(_end);

    /// <summary>The whole message; of a sealed one the transform header too until it is opened.</summary>
    internal Span<byte> Received => Memory.Bytes.AsSpan(_start, _end - _start);

    /// <summary>The session whose key opened the message.</summary>
    internal SmbSession? Opener { get; set; }

    /// <summary>Number of the current element.</summary>
    internal int ElementIndex { get; private set; }

    internal bool HasNext => _header.NextCommand != 0;

    internal bool IsElementSigned => (_signed >> ElementIndex & 1) != 0;

    /// <summary>The signature of the current element is right.</summary>
    internal bool IsElementVerified => (_verified >> ElementIndex & 1) != 0;

    internal void Attach(SmbConnection connection) => Connection = connection;

    internal void AdvanceReceived(int count) => _end += count;

    /// <summary>Drops the transform header of a message that has been opened.</summary>
    internal void Unwrap(SmbSession opener)
    {
        _start += Smb2Cipher.HeaderBytes;
        Opener = opener;
        IsEncrypted = true;
    }

    /// <summary>Notes whether an element was signed, and rightly.</summary>
    internal void NoteSignature(int element, bool verified)
    {
        _signed |= 1ul << element;
        if (verified) _verified |= 1ul << element;
    }

    /// <summary>The first element becomes the current one. The chain has been checked.</summary>
    internal void BeginElements()
    {
        _elementStart = _start;
        LoadElement();
        IsCompound = HasNext;
        ElementIndex = 0;
    }

    /// <summary>The message is one of SMB 1 and stands for a NEGOTIATE with the first message id.</summary>
    internal void BeginSmb1()
    {
        _header = new Smb2Header { Command = Smb2Command.Negotiate, Credits = 1, ProcessId = Smb2Header.DefaultProcessId };
        Message = Memory.Bytes.AsMemory(_start, _end - _start);
    }

    /// <summary>The next element becomes the current one; a related one takes over session and tree.</summary>
    internal void NextElement()
    {
        var (session, tree) = (_header.SessionId, _header.TreeId);
        _elementStart = _elementEnd;
        LoadElement();
        ElementIndex++;
        ErrorData = null;
        KeepsBody = false;
        if (IsRelated)
        {
            _header.SessionId = session;
            if (!_header.IsAsync) _header.TreeId = tree;
        }
        else
        {
            ChainFile = null;
            ChainFailure = NtStatus.Success;
            Session = null!;
            Tree = null!;
        }
    }

    /// <summary>A CREATE before has failed; the related elements behind it share its fate (MS-SMB2 3.3.5.2.7.2).</summary>
    internal NtStatus ChainFailure { get; set; }

    /// <summary>Back to nothing, with only the small buffers.</summary>
    internal void Recycle()
    {
        Memory.Release();
        _start = _end = _elementStart = _elementEnd = 0;
        _signed = _verified = 0;
        _header = default;
        Message = default;
        Connection = null!;
        Session = null!;
        Tree = null!;
        Opener = null;
        ErrorData = null;
        _answered = null;
        IsCompound = IsEncrypted = KeepsBody = false;
        ChainFile = null;
        ChainFailure = NtStatus.Success;
        ElementIndex = 0;
        RequestCharge = ResponseCharge = PendingCharge = 0;
        Response.Restart();
        ResetPending();
        ResetRun();
    }

    private void LoadElement()
    {
        if (!Smb2Header.TryParse(Memory.Bytes.AsSpan(_elementStart, _end - _elementStart), out _header))
            throw new InvalidOperationException("An element that was checked before.");

        _elementEnd = _header.NextCommand == 0 ? _end : _elementStart + (int)_header.NextCommand;
        Message = Memory.Bytes.AsMemory(_elementStart, _elementEnd - _elementStart);
    }

    /// <summary>StructureSize that the body of the current element says; 0 when there is no body.</summary>
    internal int BodyStructureSize =>
        Message.Length < Smb2Header.Bytes + sizeof(ushort) ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(Body);
}
