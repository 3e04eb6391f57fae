using System.Globalization;
using Gateway.RowsBench;

// rows [count] [nomap]   apply, get, scan of the LMDB rows, and what the last rows cost against the first
// store [count]             mutations through the sequencer over a journal that commits a millisecond later
// links [MiB]               slices over a link to a node, in clear and over TLS, by turns
// slices [count]            what the rows of live slices cost
var what = args.Length > 0 ? args[0] : "all";
var count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
var directory = Directory.CreateTempSubdirectory("rowsbench-").FullName;
try
{
    if (what is "rows" or "all") RowRates.Run(directory, count, writeMap: !args.Contains("nomap"));
    if (what is "store" or "all") await StoreRates.RunAsync(directory, count);
    if (what is "links" or "all") await LinkRates.RunAsync(args.Length > 1 ? count : 2048);
    if (what is "slices" or "all") RowRates.RunSlices(directory, count);
    return 0;
}
finally
{
    Directory.Delete(directory, recursive: true);
}
