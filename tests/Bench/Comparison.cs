using System.Globalization;

namespace Gateway.Bench;

/// <summary>Rates of all servers by phase and round; medians; ratios of the first server to the others.</summary>
internal sealed class Comparison(IReadOnlyList<Target> targets)
{
    private readonly Dictionary<string, List<double[]>> _rounds =
        targets.ToDictionary(target => target.Name, _ => new List<double[]>());

    public void Add(Target target, double[] rates) => _rounds[target.Name].Add(rates);

    /// <summary>Prints the table; returns how many marks were missed.</summary>
    public int Print(TextWriter output)
    {
        var product = targets[0].Name;
        var peers = targets.Skip(1).Select(target => target.Name).ToList();
        var missed = 0;
        var header = $"| {"phase",-22} | {product,12} |";
        foreach (var peer in peers)
            header += $" {peer,12} | {"ratio",7} | {"mark",-12} |";
        output.WriteLine(header);
        var rules = header.Split('|')[1..^1].Select(cell => new string('-', cell.Length));
        output.WriteLine("|" + string.Join("|", rules) + "|");
        foreach (var phase in Enum.GetValues<Phase>())
        {
            var own = Median(product, phase);
            var line = $"| {phase.Title(),-22} | {Format(own, phase),12} |";
            foreach (var peer in peers)
            {
                var theirs = Median(peer, phase);
                var ratio = own / theirs;
                var mark = Mark.Of(peer, phase);
                var met = mark is null ? "" : ratio >= mark ? "met" : "MISSED";
                missed += met == "MISSED" ? 1 : 0;
                var promise = mark is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{mark:0.0}x {met}");
                line += string.Create(
                    CultureInfo.InvariantCulture, $" {Format(theirs, phase),12} | {ratio,6:0.00}x | {promise,-12} |");
            }

            output.WriteLine(line);
        }

        return missed;
    }

    private static string Format(double rate, Phase phase) =>
        string.Create(CultureInfo.InvariantCulture, $"{rate:0} {phase.Unit()}");

    private double Median(string name, Phase phase)
    {
        var rates = _rounds[name].Select(round => round[(int)phase]).Order().ToList();
        return rates.Count == 0 ? 0 : (rates[(rates.Count - 1) / 2] + rates[rates.Count / 2]) / 2;
    }
}
