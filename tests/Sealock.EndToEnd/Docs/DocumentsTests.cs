// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Docs;

/// <summary>Documents are run, and say what is so.</summary>
public sealed partial class DocumentsTests
{
    public static TheoryData<string> Tutorials() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "tutorials"), "*.md")
            .Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal),
    ];

    [PeerTheory("kubectl", "openssl")]
    [MemberData(nameof(Tutorials))]
    public Task Shell_blocks_work_as_they_stand(string document) => Document.RunAsync(document);

    [Fact]
    public void The_architecture_page_names_only_folders_and_types_that_exist()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "ARCHITECTURE.md"));
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).ToList();
        var missing = new List<string>();
        foreach (Match match in CodeSpan().Matches(page))
        {
            var name = match.Groups[1].Value;
            if (name.Contains('/', StringComparison.Ordinal))
            {
                if (!Path.Exists(Path.Combine(Repository.Root, name.TrimEnd('/'))))
                    missing.Add(name);
            }
            else if (!sources.Any(path => Path.GetFileNameWithoutExtension(path) == name))
                missing.Add(name);
        }

        Assert.Empty(missing);
    }

    /// <summary>A type in PascalCase or a path with a slash, in backquotes.</summary>
    [GeneratedRegex("`((?:[A-Z][A-Za-z0-9]+)|(?:(?:src|tests|docs|eng|bench|deploy)/[A-Za-z0-9_./-]*))`")]
    private static partial Regex CodeSpan();
}
