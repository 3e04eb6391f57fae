namespace Gateway.FileSystem.Notices;

/// <summary>Hears of the changes of a tree, those of all protocols.</summary>
public abstract class TreeListener
{
    /// <summary>False when nobody wants to know at the moment: changes are then not even described.</summary>
    public abstract bool IsListening { get; }

    /// <summary>
    /// Called once a change is durable, or shown although it is not yet (unstable writes); one change at a time, in the
    /// order in which the changes were made. Must not block nor throw.
    /// </summary>
    public abstract void OnChange(TreeChange change);
}
