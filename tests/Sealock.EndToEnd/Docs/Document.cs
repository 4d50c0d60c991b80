// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Docs;

/// <summary>Runs the shell blocks of a document, one after the other, as a reader would paste them.</summary>
internal static class Document
{
    /// <param name="document">Its path in the repository.</param>
    public static async Task RunAsync(string document)
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
            // With another home NuGet would restore anew, and everything would be built a second time.
            ["DOTNET_CLI_HOME"] = System.Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") ?? home,
        };
    }
}
