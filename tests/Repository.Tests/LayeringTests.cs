using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gateway.Repository.Tests;

/// <summary>protocol and replication know nothing of ours; gateway knows both; files know no protocol.</summary>
public sealed partial class LayeringTests
{
    [TestCase("protocol")]
    [TestCase("replication")]
    public void LowerProjectReferencesNothingOfOurs(string folder) => Assert.That(ProjectReferences(folder), Is.Empty);

    [Test]
    public void GatewayReferencesBothLowerProjectsAndNothingElse() =>
        Assert.That(
            ProjectReferences("gateway"),
            Is.EquivalentTo(["protocol/Gateway.Protocol.csproj", "replication/Gateway.Replication.csproj"]));

    [TestCase("protocol", "Gateway.Replication")]
    [TestCase("protocol", "Gateway.FileSystem")]
    [TestCase("protocol", "Gateway.Nfs")]
    [TestCase("protocol", "Gateway.Hosting")]
    [TestCase("replication", "Gateway.Protocol")]
    [TestCase("replication", "Gateway.FileSystem")]
    [TestCase("replication", "Gateway.Nfs")]
    [TestCase("replication", "Gateway.Hosting")]
    [TestCase("gateway/FileSystem", "Gateway.Protocol")]
    [TestCase("gateway/FileSystem", "Gateway.Nfs")]
    [TestCase("gateway/FileSystem", "Gateway.Smb")]
    [TestCase("gateway/Nfs", "Gateway.Smb")]
    [TestCase("gateway/Smb", "Gateway.Nfs")]
    public void FolderNamesNothingOf(string folder, string forbidden)
    {
        var word = new Regex($@"\b{Regex.Escape(forbidden)}\b");
        var offenders = SourceTree.CSharp
            .Where(file => file.IsUnder(folder))
            .SelectMany(file => file.Lines.Select((line, index) => (file, line, number: index + 1)))
            .Where(place => !place.line.Contains("InternalsVisibleTo", StringComparison.Ordinal))
            .Where(place => word.IsMatch(place.line))
            .Select(place => $"{place.file}:{place.number}");

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void ProtocolDoesNoInputOrOutputAndNeedsNoPackage()
    {
        var project = XDocument.Load(Path.Combine(SourceTree.Root, "protocol/Gateway.Protocol.csproj"));
        var needs = project.Descendants()
            .Where(item => item.Name.LocalName is "PackageReference" or "FrameworkReference");
        var offenders = SourceTree.CSharp
            .Where(file => file.IsUnder("protocol"))
            .Where(file => file.Lines.Any(line => InputOrOutput().IsMatch(line)));

        Assert.That(needs, Is.Empty);
        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void NamespaceIsTheFolder()
    {
        var roots = new Dictionary<string, string>
        {
            ["protocol"] = "Gateway.Protocol",
            ["replication"] = "Gateway.Replication",
            ["gateway"] = "Gateway",
        };
        var offenders = new List<string>();
        foreach (var file in SourceTree.CSharp)
        {
            var parts = file.Name.Split('/');
            if (!roots.TryGetValue(parts[0], out var root))
                continue;

            var expected = string.Join('.', [root, .. parts[1..^1]]);
            var declared = file.Lines.Select(line => FileNamespace().Match(line)).FirstOrDefault(m => m.Success);
            if (declared is not null && declared.Groups[1].Value != expected)
                offenders.Add($"{file}: {declared.Groups[1].Value} instead of {expected}");
        }

        Assert.That(offenders, Is.Empty);
    }

    private static IEnumerable<string> ProjectReferences(string folder) =>
        from file in SourceTree.All
        where file.IsUnder(folder) && file.HasEnding(".csproj")
        from reference in XDocument.Parse(file.Text).Descendants("ProjectReference")
        let include = (string)reference.Attribute("Include")!
        let target = Path.Combine(SourceTree.Root, Path.GetDirectoryName(file.Name)!, include)
        select SourceTree.RelativePath(Path.GetFullPath(target));

    [GeneratedRegex(@"^namespace ([\w.]+);")]
    private static partial Regex FileNamespace();

    [GeneratedRegex(
        @"\bnew (Socket|TcpClient|FileStream|HttpClient)\b"
        + @"|\bFile\.|\b(Value)?Task\b|\bDateTime\.|\bTimeProvider\b|\basync\b")]
    private static partial Regex InputOrOutput();
}
