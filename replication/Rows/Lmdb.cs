using System.Runtime.InteropServices;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Rows;

/// <summary>The part of liblmdb (0.9) that rows need.</summary>
/// <remarks>
/// Reads suppress the switch to preemptive mode: they take well under a microsecond and never wait, except for
/// a page that has to come from the disk.
/// </remarks>
internal static unsafe partial class Lmdb
{
    public const uint NoSync = 0x10000;
    public const uint ReadOnly = 0x20000;
    public const uint WriteMap = 0x80000;
    public const uint NoThreadLocal = 0x200000;
    public const uint NoMemoryInit = 0x1000000;

    public const uint PutCurrent = 0x40;

    public const int NotFound = -30798;
    public const int MapFull = -30792;

    private const string Library = "liblmdb.so.0";

    public enum CursorMove
    {
        First = 0,
        Next = 8,
        Set = 15,
        SetKey = 16,
        SetRange = 17,
    }

    [LibraryImport(Library, EntryPoint = "mdb_env_create")]
    public static partial int CreateEnvironment(out nint environment);

    [LibraryImport(Library, EntryPoint = "mdb_env_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenEnvironment(nint environment, string path, uint flags, uint mode);

    [LibraryImport(Library, EntryPoint = "mdb_env_set_mapsize")]
    public static partial int SetMapSize(nint environment, nuint bytes);

    [LibraryImport(Library, EntryPoint = "mdb_env_set_maxreaders")]
    public static partial int SetReadersMax(nint environment, uint readers);

    [LibraryImport(Library, EntryPoint = "mdb_env_info")]
    public static partial int GetUse(nint environment, out EnvironmentUse use);

    [LibraryImport(Library, EntryPoint = "mdb_env_sync")]
    public static partial int Sync(nint environment, int force);

    [LibraryImport(Library, EntryPoint = "mdb_env_close")]
    public static partial void CloseEnvironment(nint environment);

    [LibraryImport(Library, EntryPoint = "mdb_txn_begin")]
    public static partial int Begin(nint environment, nint parent, uint flags, out nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_txn_commit")]
    public static partial int Commit(nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_txn_abort")]
    public static partial void Abort(nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_txn_reset")]
    [SuppressGCTransition]
    public static partial void Reset(nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_txn_renew")]
    [SuppressGCTransition]
    public static partial int Renew(nint transaction);

    [LibraryImport(Library, EntryPoint = "mdb_dbi_open")]
    public static partial int OpenTable(nint transaction, nint name, uint flags, out uint table);

    [LibraryImport(Library, EntryPoint = "mdb_drop")]
    public static partial int Drop(nint transaction, uint table, int delete);

    [LibraryImport(Library, EntryPoint = "mdb_get")]
    [SuppressGCTransition]
    public static partial int Get(nint transaction, uint table, Bytes* key, Bytes* value);

    [LibraryImport(Library, EntryPoint = "mdb_put")]
    public static partial int Put(nint transaction, uint table, Bytes* key, Bytes* value, uint flags);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_open")]
    public static partial int OpenCursor(nint transaction, uint table, out nint cursor);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_renew")]
    [SuppressGCTransition]
    public static partial int RenewCursor(nint transaction, nint cursor);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_close")]
    public static partial void CloseCursor(nint cursor);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_get")]
    [SuppressGCTransition]
    public static partial int MoveCursor(nint cursor, Bytes* key, Bytes* value, CursorMove move);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_put")]
    public static partial int PutAtCursor(nint cursor, Bytes* key, Bytes* value, uint flags);

    [LibraryImport(Library, EntryPoint = "mdb_cursor_del")]
    public static partial int DeleteAtCursor(nint cursor, uint flags);

    public static void Check(int result, string call)
    {
        if (result != 0) throw new LmdbException(call, result, Marshal.PtrToStringUTF8(Describe(result)));
    }

    [LibraryImport(Library, EntryPoint = "mdb_strerror")]
    private static partial nint Describe(int result);

    /// <summary>MDB_val.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Bytes(void* data, int length)
    {
        public nuint Length = (nuint)length;
        public void* Data = data;

        public readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Length));
    }

    /// <summary>MDB_envinfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct EnvironmentUse
    {
        public nint MapAddress;
        public nuint MapBytes;
        public nuint LastPage;
        public nuint LastTransaction;
        public uint ReadersMax;
        public uint Readers;
    }
}

/// <summary>
/// The row engine failed: the disk is full, or its file is not what it was. The rows must be rebuilt.
/// </summary>
public sealed class LmdbException(string call, int result, string? text)
    : Exception($"The row store failed in {call}: {text} ({result}).")
{
    /// <summary>Neither the disk nor the map had room; the file is intact.</summary>
    public bool IsFull => result is Lmdb.MapFull or Libc.NoSpace or Libc.QuotaExceeded;
}
