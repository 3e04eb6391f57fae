namespace Gateway.FileSystem.Opens;

public sealed partial class Open
{
    private volatile bool _hasWritten;

    /// <summary>The file's own write time is shown from now on, as after a flush or a change of attributes.</summary>
    public void ShowWriteTime() => Content.Table.ShowWriteTime(Content.File);

    /// <summary>
    /// Before an open through which was written ends: the file's own write time is shown. When what it wrote last was not
    /// shown, and long ago, the file was last written now, as with a cache that is written out at the end. Further calls
    /// do nothing.
    /// </summary>
    public async ValueTask SettleWriteTimeAsync()
    {
        if (!_hasWritten) return;

        _hasWritten = false;
        var ended = new AttributeChanges { ModifyTime = TimeChange.ToServerTime };
        if (Content.Table.HidesOldWrite(Content.File))
            await Tree.SetAttributesAsync(File, ended, null, Caller, null, DataAccess.CheckedAtOpen);
        ShowWriteTime();
    }

    private void HoldWriteTime()
    {
        var isFirst = !_hasWritten;
        _hasWritten = true;
        Content.Table.HoldWriteTime(Content.File, isFirst);
    }
}
