using System.Buffers.Binary;
using System.Diagnostics;
using Gateway.Lab.Scenarios.Histories;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>A client of SMB. What was not answered it does not send again: it may have happened, or may happen yet.</summary>
internal sealed class SmbScenarioClient(int number, int seed, SmbMount mount, ScenarioTree tree)
    : ScenarioClient(number, $"smb{number}", seed)
{
    private const uint OpenExisting = 1;
    private const uint MakeNew = 2;
    private const uint ReadAttributes = 0x80;
    private const uint ReadAndWrite = 0x12019F;

    public override IEnumerable<string> Complaints => mount.Errors;

    public override IReadOnlyDictionary<NtStatus, int> Refusals => mount.Refusals;

    protected override void Read(string register)
    {
        if (ReadAll(register, ScenarioFiles.BlockBytes + 1, out var call) is not { } content) return;
        Record.Answered(register, call, Stopwatch.GetTimestamp(), FileVerb.Read, 0, ScenarioFiles.ValueOf(content));
    }

    protected override void Write(string register, long value)
    {
        if (mount.Open(PathOf(register), Stopping) is not { } file) return;

        var call = Stopwatch.GetTimestamp();
        var reply = mount.Ask(Smb2Command.Write, Bodies.Write(file, 0, ScenarioFiles.Block(value)), NtStatus.DiskFull);
        if (reply is { Status: NtStatus.Success }) Record.Answered(register, call, Stopwatch.GetTimestamp(), FileVerb.Write, value);
        else if (reply is not { Status: NtStatus.DiskFull }) Record.NotAnswered(register, call, FileVerb.Write, value);
    }

    protected override void Count(string log)
    {
        if (ReadAll(log, (ScenarioFiles.RecordsMax + 1) * ScenarioFiles.RecordBytes, out var call) is not { } content) return;
        Record.Answered(log, call, Stopwatch.GetTimestamp(), FileVerb.Count, 0, ScenarioFiles.CountOf(content));
    }

    // The same bytes at the same place, however often: nobody else appends to this log.
    protected override void Append()
    {
        var log = ScenarioFiles.LogOf(Number);
        var first = 0L;
        var isRefused = false;
        while (mount.Open(PathOf(log), Stopping) is { } file)
        {
            isRefused = first == 0;
            if (first == 0) first = Stopwatch.GetTimestamp();
            var body = Bodies.Write(file, (ulong)Appended * ScenarioFiles.RecordBytes, ScenarioFiles.Record(Appended));
            var reply = mount.Ask(Smb2Command.Write, body, NtStatus.DiskFull);
            if (reply is { Status: NtStatus.Success })
            {
                Record.Answered(log, first, Stopwatch.GetTimestamp(), FileVerb.Append, Appended++);
                return;
            }

            if (reply is { Status: NtStatus.DiskFull }) break;
            isRefused = false;
        }

        if (first != 0 && !isRefused) Record.NotAnswered(log, first, FileVerb.Append, Appended);
    }

    // Removing is left to the clients of NFS: over SMB a name goes with the last handle of whomever.
    protected override void Do(FileVerb verb, string name)
    {
        if (verb == FileVerb.Remove || !mount.Connect(Stopping)) return;

        var isMade = verb == FileVerb.Create;
        var refusal = isMade ? NtStatus.ObjectNameCollision : NtStatus.ObjectNameNotFound;
        var call = Stopwatch.GetTimestamp();
        var reply = mount.Ask(
            Smb2Command.Create,
            Bodies.Create(PathOf(name), isMade ? ReadAndWrite : ReadAttributes, isMade ? MakeNew : OpenExisting),
            refusal,
            NtStatus.DiskFull);
        var answered = Stopwatch.GetTimestamp();
        if (reply is { Status: NtStatus.Success })
        {
            Record.Answered(name, call, answered, verb, 0, result: 1);
            mount.Ask(Smb2Command.Close, Bodies.Close(reply.FileId));
        }
        else if (reply?.Status == refusal)
        {
            Record.Answered(name, call, answered, verb, 0, result: 0);
        }
        else if (isMade && reply is not { Status: NtStatus.DiskFull })
        {
            Record.NotAnswered(name, call, verb, 0);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        mount.Dispose();
    }

    private string PathOf(string file) => $@"{tree.Name}\{file}";

    // Null when it was not answered.
    private byte[]? ReadAll(string file, int bytes, out long call)
    {
        call = 0;
        if (mount.Open(PathOf(file), Stopping) is not { } handle) return null;

        call = Stopwatch.GetTimestamp();
        var reply = mount.Ask(Smb2Command.Read, Bodies.Read(handle, 0, (uint)bytes), NtStatus.EndOfFile);
        if (reply is { Status: NtStatus.EndOfFile }) return [];
        if (reply is not { Status: NtStatus.Success }) return null;

        var at = reply.Body[2];
        return reply.Message[at..(at + BinaryPrimitives.ReadInt32LittleEndian(reply.Body[4..]))];
    }
}
