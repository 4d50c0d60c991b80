// SPDX-License-Identifier: Apache-2.0

namespace Sealock.EndToEnd.Issuance;

/// <summary>
/// Manifests of the kinds that the documentation of cert-manager, approver-policy and trust-manager shows, with values of
/// our own. They are applied as they stand.
/// </summary>
internal static class DocumentedManifests
{
    /// <summary>The files, in the order in which they are applied.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Issuance", "Manifests"), "*.yaml").Order(StringComparer.Ordinal)];

    /// <summary>Applies all of them, twice: the second time nothing changes. kubectl has nothing to say against any.</summary>
    public static async Task ApplyAsync(Func<string, string?, Task<ToolResult>> kubectl)
    {
        foreach (var file in Files)
        {
            var manifest = await File.ReadAllTextAsync(file);
            var first = await kubectl("apply -f -", manifest);
            Assert.True(first.ExitCode == 0 && first.Errors.Length == 0, $"{Path.GetFileName(file)}: {first.Errors}");
            var second = await kubectl("apply -f -", manifest);
            Assert.True(second.ExitCode == 0 && second.Errors.Length == 0, $"{Path.GetFileName(file)}, again: {second.Errors}");
            Assert.All(
                second.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
                line => Assert.EndsWith(" unchanged", line, StringComparison.Ordinal));
        }
    }
}
