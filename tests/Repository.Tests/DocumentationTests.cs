namespace Gateway.Repository.Tests;

/// <summary>A newcomer finds every folder explained and every link alive.</summary>
public sealed class DocumentationTests
{
    private static readonly string[] Sources = ["gateway", "replication", "protocol", "tests"];

    // Unit suites mirror the sources: their names say all.
    private static IEnumerable<string> SourceFolders =>
        SourceTree.CSharp
            .Select(file => file.Name.Split('/'))
            .Where(parts => parts.Length > 2 && Sources.Contains(parts[0]))
            .Select(parts => parts[1])
            .Where(folder => !folder.EndsWith(".Tests", StringComparison.Ordinal))
            .Distinct();

    [Test]
    public void ArchitectureDescribesEverySourceFolder()
    {
        var page = Path.Combine(SourceTree.Root, "docs/architecture.md");
        Assert.That(page, Does.Exist);
        var text = File.ReadAllText(page);
        var missing = SourceFolders.Where(folder => !text.Contains($"`{folder}`", StringComparison.Ordinal));

        Assert.That(missing, Is.Empty);
    }

    [TestCase("README.md")]
    [TestCase("LICENSE")]
    [TestCase("CONTRIBUTING.md")]
    [TestCase("CHANGELOG.md")]
    [TestCase("docs/glossary.md")]
    public void RepositoryHas(string name) => Assert.That(Path.Combine(SourceTree.Root, name), Does.Exist);

    [Test]
    public void RelativeLinksLeadSomewhere()
    {
        var dead =
            from file in SourceTree.All
            where file.HasEnding(".md")
            from target in MarkdownLink.TargetsOf(file.Text)
            where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#')
            let path = Path.Combine(SourceTree.Root, Path.GetDirectoryName(file.Name)!, target.Split('#')[0])
            where !File.Exists(path) && !Directory.Exists(path)
            select $"{file}: {target}";

        Assert.That(dead, Is.Empty);
    }

    [Test]
    public void ReadmeOpensWithTheTwoCommandsAndTheMountLine()
    {
        var opening = string.Join('\n', File.ReadLines(Path.Combine(SourceTree.Root, "README.md")).Take(40));

        Assert.That(opening, Does.Contain("./nasgate up"));
        Assert.That(opening, Does.Contain("./test"));
        Assert.That(opening, Does.Contain("mount -t nfs"));
    }
}
