// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Docs;

/// <summary>
/// Documents are run: their shell blocks, one after the other, as a reader would paste them. While no other test is, since
/// the README's first command builds the program that they start.
/// </summary>
[Collection(DocumentsAlone.Name)]
public sealed partial class DocumentsTests
{
    public static TheoryData<string> Documents() =>
    [
        "README.md",
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "tutorials"), "*.md")
            .Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal),
    ];

    [PeerTheory("kubectl", "openssl")]
    [MemberData(nameof(Documents))]
    public async Task Shell_blocks_work_as_they_stand(string document)
    {
        using var folder = new TemporaryFolder();
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, document));
        var script = new System.Text.StringBuilder();
        var servers = 0;
        foreach (var block in ShellBlock.Read(text).Where(block => block.Kind != "skip"))
        {
            if (block.Kind == "background")
                script.AppendLine(Background(block.Script, document, servers++));
            else
                script.AppendLine(block.Script);
        }

        // Whatever happens in between, no server is left behind.
        var stop = string.Concat(Enumerable.Range(0, servers).Select(i => $"kill $server{i} 2>/dev/null; wait $server{i} 2>/dev/null; "));
        var whole = $"trap 'code=$?; {stop} exit $code' EXIT\n{script}";
        (await Tool.ShellAsync(whole, folder.Path, Environment(folder))).Succeeded();
    }

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

    /// <summary>Starts a server as in a terminal of its own, in the folder where the document's reader is.</summary>
    private static string Background(string script, string document, int number) =>
        $$"""
        ( {{(document == "README.md" ? $"cd '{Repository.Root}'" : ":")}}; exec {{script.Trim().Replace("\\\n", " ", StringComparison.Ordinal)}} ) > server{{number}}.log 2>&1 &
        server{{number}}=$!
        until grep -q '^  address' server{{number}}.log; do
          kill -0 $server{{number}} 2>/dev/null || { cat server{{number}}.log >&2; exit 1; }
          read -rt 0.1 <> <(:) || true
        done
        """;

    private static Dictionary<string, string> Environment(TemporaryFolder folder)
    {
        var home = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
        var bin = Directory.CreateDirectory(folder["bin"]).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "kubectl"), Peers.Kubectl);
        return new Dictionary<string, string>
        {
            ["PATH"] = $"{bin}:{Path.GetDirectoryName(SealockProcess.Program)}:{System.Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = folder.Path,
            ["XDG_DATA_HOME"] = "",
            ["DOTNET_CLI_HOME"] = home,
            ["NUGET_PACKAGES"] = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(home, ".nuget", "packages"),
        };
    }

    /// <summary>A type in PascalCase or a path with a slash, in backquotes.</summary>
    [GeneratedRegex("`((?:[A-Z][A-Za-z0-9]+)|(?:(?:src|tests|docs|eng|bench|deploy)/[A-Za-z0-9_./-]*))`")]
    private static partial Regex CodeSpan();
}

/// <summary>Runs after everything else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DocumentsAlone
{
    public const string Name = "documents";
}
