// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Sealock.Cluster.Distributing;
using Sealock.Pki.Files;
using Sealock.Tests.Cluster.Staging;

namespace Sealock.Tests.Cluster.Distributing;

/// <summary>A "node" that is a folder, reached by a shell instead of ssh.</summary>
internal sealed class LocalNode(string shell = "sh -s") : IDisposable
{
    public static string Self { get; } = FileOwner.Current.ToString();

    public Folder Root { get; } = new();

    public ShellCommand Shell { get; init; } = new(shell.Split(' ')[0], shell.Split(' ')[1..]);

    public static NodeFile File(string path, string content, int mode = 600, string? owner = null) => new(
        path, Encoding.UTF8.GetBytes(content),
        (UnixFileMode)Convert.ToInt32(mode.ToString(CultureInfo.InvariantCulture), 8), owner ?? Self);

    public Task<NodeResult> RunAsync(params NodeFile[] files) => RunAsync(new DistributionOptions(), files);

    public async Task<NodeResult> RunAsync(DistributionOptions options, params NodeFile[] files)
    {
        var node = new NodeShipment("node", Shell, files) { Root = Root.Path };
        return (await Distribution.RunAsync([node], options, _ => { }, TimeProvider.System, default)).Single();
    }

    public Task<NodeResult> RollBackAsync(bool force = false) =>
        RunAsync(new DistributionOptions { Rollback = true, Force = force });

    /// <summary>What stands there, but for the state folder.</summary>
    public string Text() => Root.Text("var");

    /// <summary>What the state folder holds.</summary>
    public string[] State() =>
        [.. Directory.GetFileSystemEntries(Root["var/lib/sealock/distribute"]).Select(Path.GetFileName).OfType<string>().Order()];

    public void Dispose() => Root.Dispose();
}
