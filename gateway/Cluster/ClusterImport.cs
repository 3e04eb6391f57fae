using System.Text.Json.Nodes;
using Gateway.Hosting;
using Gateway.Replication.Control;

namespace Gateway.Cluster;

/// <summary>
/// Brings an exported cluster into a control plane. All is looked at before anything is written; cut off in the middle, it is done
/// again, and passes over what is there already.
/// </summary>
internal static class ClusterImport
{
    /// <param name="control">Where to.</param>
    /// <param name="cluster">Whose values may be there.</param>
    /// <param name="document">What.</param>
    /// <param name="overwrites">Other values may be replaced; never a volume's newer record.</param>
    /// <param name="cancellation">Between two values.</param>
    /// <returns>How many values were written.</returns>
    /// <exception cref="StartException">It was not done, or not all of it, and why.</exception>
    /// <exception cref="ControlPlaneException">It does not answer; do it again.</exception>
    public static async Task<int> RunAsync(
        IControlPlane control, Guid cluster, ClusterDocument document, bool overwrites, CancellationToken cancellation)
    {
        if (document.Cluster != cluster)
        {
            throw new StartException(
                $"the file is of cluster {document.Cluster}, and the secret of cluster {cluster}: name the --secret-file of the former");
        }

        var present = await control.ListAsync("", cancellation);
        RequireNobodyRuns(present);
        var changes = Changes(document, present);
        RequireNothingOlder(changes);
        var others = changes.Where(change => change.Before is not null).Select(change => change.Key).ToArray();
        if (others.Length > 0 && !overwrites)
            throw new StartException($"there are other values already: {string.Join(", ", others)}; --overwrite replaces them");

        foreach (var change in changes)
        {
            var version = change.Before?.Version ?? 0;
            if (await control.CompareAndSetAsync(change.Key, version, change.Json.ToJsonString(), cancellation) is null)
                throw new StartException($"{change.Key} was changed by somebody else meanwhile: look, and do it again");
        }

        return changes.Count;
    }

    private static List<Change> Changes(ClusterDocument document, ControlView present)
    {
        var changes = new List<Change>();
        foreach (var (key, json) in document.Values)
        {
            var before = present.Values.GetValueOrDefault(key);
            if (before is null || !JsonNode.DeepEquals(ClusterDocument.ParseValue(key, before.Json), json))
                changes.Add(new Change(key, before, json));
        }

        return changes;
    }

    private static void RequireNobodyRuns(ControlView present)
    {
        if (present.Values.Keys.FirstOrDefault(ClusterDocument.IsPresence) is { } running)
            throw new StartException($"a gateway runs, or has ended just now: {running}");
    }

    // Nodes refuse an earlier membership, so that a volume with an older record could not be served any more.
    private static void RequireNothingOlder(IEnumerable<Change> changes)
    {
        foreach (var (key, before, json) in changes)
        {
            if (before is null || !key.StartsWith(VolumeRecords.Prefix, StringComparison.Ordinal)) continue;

            var (now, then) = (AgeOf(ClusterDocument.ParseValue(key, before.Json)), AgeOf(json));
            if (then.Epoch < now.Epoch || then.Generation < now.Generation)
            {
                throw new StartException(
                    $"{key} is at epoch {now.Epoch} and generation {now.Generation}, "
                    + $"and in the file at {then.Epoch} and {then.Generation}: "
                    + "the file is older, nothing was changed");
            }
        }
    }

    private static (ulong Epoch, ulong Generation) AgeOf(JsonNode record)
    {
        try
        {
            return ((ulong)record["epoch"]!, (ulong)record["configGeneration"]!);
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new StartException("a volume's record has no epoch and generation", error);
        }
    }

    private sealed record Change(string Key, ControlValue? Before, JsonNode Json);
}
