using System.Globalization;
using Gateway.Admin;
using Spectre.Console;

namespace Gateway.Cli;

/// <summary>Reports as a person reads them.</summary>
internal static class StatusTables
{
    private const int DifferencesShownMax = 50;

    // Eight of them fit a terminal of 80 columns.
    private static readonly string[] NodeColumns =
        ["node", "state", "address", "durable", "committed", "owed", "free", "answered"];

    public static void Write(IAnsiConsole console, StatusReport report)
    {
        console.MarkupLineInterpolated($"cluster {report.ClusterId}, up {TimeSpan.FromSeconds((long)report.UptimeSeconds):g}");
        foreach (var certificate in report.Certificates) Write(console, certificate);
        foreach (var volume in report.Volumes) Write(console, volume);
        console.MarkupLineInterpolated(
            $"clients: {report.Clients.Connections} connections, {report.Clients.Mounts.Count} mounts");
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"rates:   {report.Rates.Requests:N0} requests/s");
        console.MarkupLineInterpolated(
            $"         read {Size(report.Rates.ReadBytes)}/s, written {Size(report.Rates.WrittenBytes)}/s");
    }

    public static void Write(IAnsiConsole console, VerifyReport report)
    {
        console.MarkupLineInterpolated(
            $"{report.SlicesChecked} slices and {report.EntriesChecked} journal entries on every node, {Size(report.BytesRead)} read");
        if (report.SlicesSpilled > 0) console.MarkupLineInterpolated($"{report.SlicesSpilled} of the slices ride in the journal too");
        foreach (var difference in report.Differences.Take(DifferencesShownMax))
            console.MarkupLineInterpolated($"[red]{difference.Node}[/] {difference.What}: {difference.Problem}");
        if (report.Differences.Count > DifferencesShownMax)
            console.MarkupLineInterpolated($"… and {report.Differences.Count - DifferencesShownMax} more");
        console.MarkupLine(report.Clean ? "[green]clean[/]" : "[red]differences found[/]");
    }

    // Those that end soon, or have ended; nobody wants to read of the others.
    private static void Write(IAnsiConsole console, CertificateReport certificate)
    {
        var days = (long)(certificate.SecondsLeft / TimeSpan.SecondsPerDay);
        var seen = certificate.Role == "node" ? ", as it was shown when the link was opened" : "";
        switch (certificate.State)
        {
            case "ending":
                console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
                    $"[yellow]certificate of {certificate.Role} {certificate.Name} ends {certificate.Expires:u}, in {days} days[/]{seen}");
                break;
            case "ended":
                console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
                    $"[red]certificate of {certificate.Role} {certificate.Name} has ended {certificate.Expires:u}[/]{seen}");
                break;
        }
    }

    private static void Write(IAnsiConsole console, VolumeReport volume)
    {
        console.MarkupLineInterpolated(
            $"volume {volume.Name}: {volume.State}, epoch {volume.Epoch}");
        if (volume.Role != "owner")
        {
            console.MarkupLineInterpolated(
                $"  owned by {volume.Owner ?? "nobody that is known"}, {volume.BehindEntries} entries behind");
        }

        if (volume.LastTakeover is { } takeover)
        {
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
                $"  taken {takeover.ServedAt:u} ({takeover.Cause}), {takeover.TotalMilliseconds} ms");
        }

        console.MarkupLineInterpolated(
            $"  committed {volume.CommittedIndex}, applied {volume.AppliedIndex}, checkpoint {volume.CheckpointIndex}");
        console.MarkupLineInterpolated(
            $"  {Size(volume.AvailableBytes)} of {Size(volume.TotalBytes)} available, {volume.OwedSlices} owed slices");
        console.MarkupLineInterpolated($"  damage found {volume.DamageFound}, repaired {volume.DamageRepaired}");

        if (volume.SpilledSlices > 0)
        {
            console.MarkupLineInterpolated(
                $"  [yellow]{volume.SpilledSlices} slices ({Size(volume.SpilledBytes)}) ride in the journal[/]: {volume.SpillReason}");
        }

        if (volume.Change is { } change) Write(console, change);

        var table = new Table().Border(TableBorder.None);
        foreach (var title in NodeColumns) table.AddColumn(title, column => column.NoWrap().PadLeft(0).PadRight(2));
        foreach (var node in volume.Nodes)
        {
            table.AddRow(
                Markup.Escape(node.Role == "member" ? node.Id : $"{node.Id} ({node.Role})"),
                node.State == "up" ? "[green]up[/]" : $"[red]{node.State}[/]",
                Markup.Escape(node.Address),
                Number(node.MatchIndex),
                Number(node.CommittedIndex),
                Number(node.OwedSlices),
                Size(node.AvailableBytes),
                node.LastAnswerSeconds.ToString("0.0 's ago'", CultureInfo.InvariantCulture));
        }

        console.WriteLine();
        console.Write(table);
        console.WriteLine();
    }

    private static void Write(IAnsiConsole console, ChangeReport change)
    {
        console.MarkupLineInterpolated($"  changing to {string.Join(", ", change.Members)}: {change.Phase}");
        var left = change.SecondsLeft is { } seconds ? $", about {TimeSpan.FromSeconds(seconds):g} left" : "";
        console.MarkupLineInterpolated($"  {Size(change.BytesLeft)} to copy at {Size(change.BytesPerSecond)}/s{left}");
        if (change.Reason.Length != 0) console.MarkupLineInterpolated($"  waits: {change.Reason}");
    }

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Size(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var unit = 0;
        for (; bytes >= 1024 && unit < units.Length - 1; unit++) bytes /= 1024;
        return bytes.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + units[unit];
    }
}
