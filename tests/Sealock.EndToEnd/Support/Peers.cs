// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Support;

/// <summary>Where the real programs are that these tests drive.</summary>
internal static class Peers
{
    /// <summary>The folder of what eng/install-peers.sh fetched.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("SEALOCK_PEERS")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "sealock-peers");

    /// <summary>The folder with kube-apiserver and kube-controller-manager, where somebody built them; or null.</summary>
    public static string? Kubernetes { get; } = Environment.GetEnvironmentVariable("SEALOCK_KUBERNETES");

    /// <summary>A pebble that offers ARI and profiles, where eng/install-peers.sh could fetch one; or null.</summary>
    public static string? NewerPebble { get; } = File.Exists(System.IO.Path.Combine(Folder, "pebble/usr/bin/pebble"))
        ? System.IO.Path.Combine(Folder, "pebble/usr/bin/pebble") : null;

    /// <summary>Whether everything that can be installed has to be there.</summary>
    public static bool InCi { get; } = Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>kubectl by minor version, oldest first.</summary>
    public static IReadOnlyList<(Version Version, string Path)> Kubectls { get; } = FindKubectls();

    /// <summary>The newest kubectl.</summary>
    public static string Kubectl => Kubectls.Count > 0
        ? Kubectls[^1].Path
        : throw new InvalidOperationException("there is no kubectl: run eng/install-peers.sh");

    /// <summary>Whether a program is on the path.</summary>
    public static bool Has(string program) => program switch
    {
        "kubectl" => Kubectls.Count > 0,
        "kubernetes" => Kubernetes is not null && File.Exists(Path.Combine(Kubernetes, "kube-apiserver")) && Has("etcd"),
        "newer pebble" => NewerPebble is not null,
        "kubeadm" => Kubernetes is not null && File.Exists(Path.Combine(Kubernetes, "kubeadm")),
        // Debian keeps servers where only root has them on the path.
        _ => ((Environment.GetEnvironmentVariable("PATH") ?? "") + ":/usr/sbin").Split(':')
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program))),
    };

    private static List<(Version, string)> FindKubectls()
    {
        var folder = System.IO.Path.Combine(Folder, "kubectl");
        if (!Directory.Exists(folder))
            return [];
        return [.. Directory.EnumerateFiles(folder, "kubectl-1.*")
            .Select(path => (Version: Version.Parse(System.IO.Path.GetFileName(path)["kubectl-".Length..]), path))
            .OrderBy(pair => pair.Version)];
    }
}

/// <summary>A test that drives real programs. It skips, and says which is missing; in CI an installable one must be there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PeerFactAttribute : FactAttribute
{
    public PeerFactAttribute(params string[] programs) => Skip = PeerSkip.Reason(programs);
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PeerTheoryAttribute : TheoryAttribute
{
    public PeerTheoryAttribute(params string[] programs) => Skip = PeerSkip.Reason(programs);
}

internal static class PeerSkip
{
    /// <summary>Programs that have to be built, or are of another release than CI's: they may be absent there too.</summary>
    private static readonly string[] Built = ["kubernetes", "kubeadm", "newer pebble"];

    public static string? Reason(string[] programs)
    {
        var missing = programs.Where(program => !Peers.Has(program) && (!Peers.InCi || Built.Contains(program))).ToList();
        return missing.Count == 0 ? null : "missing: " + string.Join(", ", missing);
    }
}
