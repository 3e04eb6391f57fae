using System.Globalization;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab;

/// <summary>
/// One client in a directory of its own: creates, writes, commits, renames and removes files, and keeps a model of what
/// the server has acknowledged. The operation under way when the connection broke may have happened or not.
/// </summary>
internal sealed class AcknowledgedClient(int number, Random random) : IDisposable
{
    private const int ChunkBytesMax = 48 << 10;
    private const int ErrorsMax = 20;

    // What each name holds; null for a name that has been removed. Only acknowledged state.
    private readonly Dictionary<string, byte[]?> _files = [];
    private readonly HashSet<string> _directories = [];
    private readonly HashSet<string> _doubtful = [];
    private readonly List<string> _errors = [];
    private NfsShare? _share;
    private volatile bool _stops;
    private Nfs3Handle _home;
    private int _names;

    public int Number => number;

    public int Acknowledged { get; private set; }

    public IReadOnlyList<string> Errors => _errors;

    /// <summary>How its connection broke; null as long as it has not.</summary>
    public string? End { get; private set; }

    private string HomeName => string.Create(CultureInfo.InvariantCulture, $"client{number}");

    /// <summary>Ends it with the next step.</summary>
    public void Stop() => _stops = true;

    /// <summary>Works until it is stopped or the connection breaks.</summary>
    public void Run(NfsShare share)
    {
        _share = share;
        try
        {
            var home = share.MkDir(share.Root, HomeName);
            Require(home.Status, "MKDIR of the home");
            _home = home.Handle!.Value;
            while (!_stops && _errors.Count < ErrorsMax)
                Step(share);
        }
        catch (IOException broken)
        {
            // The kill, if there was one. What was under way stays doubtful.
            End = $"{HomeName}: {broken.Message}";
        }
        catch (NfsStatusException error)
        {
            _errors.Add(error.Message);
        }
    }

    /// <summary>Compares the share with the model.</summary>
    public IEnumerable<string> Missing(NfsShare share)
    {
        if (Acknowledged == 0)
            yield break;

        var home = share.Lookup(share.Root, HomeName);
        if (home.Status != Nfs3Status.Ok)
        {
            yield return $"{HomeName}: {home.Status}";
            yield break;
        }

        foreach (var name in _directories.Where(name => !_doubtful.Contains(name)))
        {
            var found = share.Lookup(home.Handle, name).Status;
            if (found != Nfs3Status.Ok)
                yield return $"{HomeName}/{name}, a directory: {found}";
        }

        foreach (var (name, content) in _files.Where(file => !_doubtful.Contains(file.Key)))
        {
            if (Difference(share, home.Handle, name, content) is { } difference)
                yield return $"{HomeName}/{name}: {difference}";
        }
    }

    public void Dispose() => _share?.Dispose();

    private static string? Difference(NfsShare share, in Nfs3Handle home, string name, byte[]? content)
    {
        var found = share.Lookup(home, name);
        if (content is null)
            return found.Status == Nfs3Status.NoEntry ? null : $"was removed, and LOOKUP says {found.Status}";
        if (found.Status != Nfs3Status.Ok)
            return $"LOOKUP says {found.Status}";

        var read = share.Read(found.Handle, 0, 1 << 20);
        if (read.Status != Nfs3Status.Ok)
            return $"READ says {read.Status}";
        if (read.Content.SequenceEqual(content))
            return null;

        var same = read.Content.CommonPrefixLength(content);
        return $"holds {read.Content.Length} bytes instead of {content.Length}, alike up to {same}";
    }

    private void Step(NfsShare share)
    {
        var existing = _files.Where(file => file.Value is not null).Select(file => file.Key).ToList();
        switch (random.Next(8))
        {
            case 0 when existing.Count > 4:
                Remove(share, existing[random.Next(existing.Count)]);
                break;
            case 1 when existing.Count > 4:
                Rename(share, existing[random.Next(existing.Count)]);
                break;
            case 2:
                MakeDirectory(share);
                break;
            case 3 or 4:
                WriteCommitted(share);
                break;
            default:
                WriteSync(share);
                break;
        }
    }

    private void WriteSync(NfsShare share)
    {
        var (name, handle) = Create(share);
        var content = new byte[random.Next(1, 8 << 10)];
        random.NextBytes(content);
        Begin(name);
        var written = share.Write(handle, 0, content, Nfs3Stability.FileSync);
        Require(written.Status, "WRITE");
        if (written.Committed != Nfs3Stability.FileSync || written.Count != content.Length)
            throw new NfsStatusException($"WRITE FILE_SYNC wrote {written.Count}, {written.Committed}", Nfs3Status.IO);
        Finish(name, content);
    }

    private void WriteCommitted(NfsShare share)
    {
        var (name, handle) = Create(share);
        var content = new byte[random.Next(1, 10) * ChunkBytesMax / 2];
        random.NextBytes(content);
        Begin(name);
        ulong verifier = 0;
        for (var offset = 0; offset < content.Length; offset += ChunkBytesMax)
        {
            var chunk = content.AsSpan(offset, Math.Min(ChunkBytesMax, content.Length - offset));
            var written = share.Write(handle, (ulong)offset, chunk, Nfs3Stability.Unstable);
            Require(written.Status, "WRITE");
            verifier = written.Verifier;
        }

        var committed = share.Commit(handle);
        Require(committed.Status, "COMMIT");
        if (committed.Verifier != verifier)
            return; // The server says that it may have lost them: a client would write again.
        Finish(name, content);
    }

    private (string Name, Nfs3Handle Handle) Create(NfsShare share)
    {
        var name = NextName();
        Begin(name);
        var created = share.Create(_home, name);
        Require(created.Status, "CREATE");
        Finish(name, []);
        return (name, created.Handle!.Value);
    }

    private void MakeDirectory(NfsShare share)
    {
        var name = NextName();
        Begin(name);
        Require(share.MkDir(_home, name).Status, "MKDIR");
        _directories.Add(name);
        _doubtful.Remove(name);
        Acknowledged++;
    }

    private void Remove(NfsShare share, string name)
    {
        Begin(name);
        Require(share.Remove(_home, name).Status, "REMOVE");
        Finish(name, null);
    }

    private void Rename(NfsShare share, string from)
    {
        var to = NextName();
        var content = _files[from];
        Begin(from);
        Begin(to);
        Require(share.Rename(_home, from, to).Status, "RENAME");
        Finish(from, null);
        Finish(to, content);
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"x{_names++}");

    private void Begin(string name) => _doubtful.Add(name);

    private void Finish(string name, byte[]? content)
    {
        _files[name] = content;
        _doubtful.Remove(name);
        Acknowledged++;
    }

    private static void Require(Nfs3Status status, string call)
    {
        if (status != Nfs3Status.Ok)
            throw new NfsStatusException(call, status);
    }
}
