// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Docs;

/// <summary>
/// A shell block of a document: <c>sh</c> is run, <c>sh background</c> starts a server in a terminal of its own,
/// <c>sh skip</c> is only shown.
/// </summary>
internal sealed record ShellBlock(string Kind, string Script)
{
    public static IEnumerable<ShellBlock> Read(string markdown)
    {
        string? kind = null;
        var script = new List<string>();
        foreach (var line in markdown.Split('\n'))
        {
            if (kind is null && line.StartsWith("```sh", StringComparison.Ordinal))
                kind = line["```sh".Length..].Trim();
            else if (kind is not null && line == "```")
            {
                yield return new ShellBlock(kind, string.Join('\n', script));
                kind = null;
                script.Clear();
            }
            else if (kind is not null)
                script.Add(line);
        }
    }
}
