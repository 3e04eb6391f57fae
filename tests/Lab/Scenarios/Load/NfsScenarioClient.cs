using System.Diagnostics;
using Gateway.Lab.Scenarios.Histories;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>A client that mounts hard. What it sends again is carried out once, but for WRITE and READ.</summary>
internal sealed class NfsScenarioClient(int number, int seed, HardMount mount, ScenarioTree tree)
    : ScenarioClient(number, $"nfs{number}", seed)
{
    protected override string Way => mount.Way;

    protected override void Read(string register)
    {
        var result = ReadAll(register, ScenarioFiles.BlockBytes + 1);
        if (result is null) return;

        Record.Answered(register, mount.Sent[^1], Stopwatch.GetTimestamp(), FileVerb.Read, 0, ScenarioFiles.ValueOf(result));
    }

    protected override void Write(string register, long value)
    {
        var status = WriteAt(register, 0, ScenarioFiles.Block(value));
        var answered = Stopwatch.GetTimestamp();

        // Each time it was sent is a write of its own, which may come late; but for the last it was not answered.
        var last = status is null ? mount.Sent.Count : mount.Sent.Count - 1;
        for (var sent = 0; sent < last; sent++) Record.NotAnswered(register, mount.Sent[sent], FileVerb.Write, value);
        if (status == Nfs3Status.Ok) Record.Answered(register, mount.Sent[^1], answered, FileVerb.Write, value);
    }

    protected override void Count(string log)
    {
        var result = ReadAll(log, (ScenarioFiles.RecordsMax + 1) * ScenarioFiles.RecordBytes);
        if (result is null) return;

        Record.Answered(log, mount.Sent[^1], Stopwatch.GetTimestamp(), FileVerb.Count, 0, ScenarioFiles.CountOf(result));
    }

    // The same bytes at the same place, however often: nobody else appends to this log.
    protected override void Append()
    {
        var log = ScenarioFiles.LogOf(Number);
        var status = WriteAt(log, (ulong)Appended * ScenarioFiles.RecordBytes, ScenarioFiles.Record(Appended));
        if (status == Nfs3Status.Ok)
            Record.Answered(log, mount.Sent[0], Stopwatch.GetTimestamp(), FileVerb.Append, Appended++);
        else if (MayHaveHappened(status))
            Record.NotAnswered(log, mount.Sent[0], FileVerb.Append, Appended);
    }

    protected override void Do(FileVerb verb, string name)
    {
        var status = verb switch
        {
            FileVerb.Create => mount.Create(tree.Directory, name, Stopping),
            FileVerb.Remove => mount.Remove(tree.Directory, name, Stopping),
            _ => mount.Look(tree.Directory, name, Stopping),
        };
        var answered = Stopwatch.GetTimestamp();
        if (mount.Sent.Count == 0) return;

        switch (status)
        {
            case Nfs3Status.Ok:
                Record.Answered(name, mount.Sent[0], answered, verb, 0, result: 1);
                break;
            case Nfs3Status.Exists when verb == FileVerb.Create:
            case Nfs3Status.NoEntry when verb != FileVerb.Create:
                Record.Answered(name, mount.Sent[0], answered, verb, 0, result: 0);
                break;
            case null:
                if (verb != FileVerb.Look) Record.NotAnswered(name, mount.Sent[0], verb, 0);
                break;
            case Nfs3Status.NoSpace when verb == FileVerb.Create:
                // It changed nothing, nor will an earlier transmission: what is refused stays refused.
                break;
            default:
                Errors.Add($"{verb} {name}: {status}");
                break;
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        mount.Dispose();
    }

    // "No space" changes nothing; but when that was said to a transmission, one before may still have been carried out.
    private bool MayHaveHappened(Nfs3Status? status) => mount.Sent.Count > (status is null ? 0 : 1);

    // Null without an answer.
    private Nfs3Status? WriteAt(string file, ulong offset, byte[] content)
    {
        var handle = tree[file];
        var result = mount.Ask(
            Nfs3Procedure.Write,
            writer => new WriteArgs
            {
                Handle = handle.Span,
                Offset = offset,
                Count = (uint)content.Length,
                Stability = Nfs3Stability.FileSync,
                Content = content,
            }.Write(writer),
            Stopping);
        if (result.IsEmpty) return null;
        if (!WriteRes.TryParse(result, out var written)) throw new IOException("The result of WRITE does not parse.");
        if (written.Status is not (Nfs3Status.Ok or Nfs3Status.NoSpace)) Errors.Add($"WRITE {file}: {written.Status}");
        if (written.Status == Nfs3Status.Ok && (written.Count != content.Length || written.Committed != Nfs3Stability.FileSync))
            Errors.Add($"WRITE {file}: {written.Count} bytes, {written.Committed}");
        return written.Status;
    }

    private byte[]? ReadAll(string file, int bytes)
    {
        var handle = tree[file];
        var result = mount.Ask(
            Nfs3Procedure.Read, writer => new ReadArgs { Handle = handle.Span, Offset = 0, Count = (uint)bytes }.Write(writer), Stopping);
        if (result.IsEmpty) return null;
        if (!ReadRes.TryParse(result, out var read)) throw new IOException("The result of READ does not parse.");
        if (read.Status == Nfs3Status.Ok) return read.Content.ToArray();

        Errors.Add($"READ {file}: {read.Status}");
        return null;
    }
}
