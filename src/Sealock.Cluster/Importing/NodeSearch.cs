// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Importing;

/// <summary>Reads what stands in a node's folders. Never writes; what cannot be read is a problem among others.</summary>
internal sealed class NodeSearch
{
    private const int MaxFiles = 2000;
    private const int MaxBytes = 1024 * 1024;

    private static readonly string[] Components = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"];

    private static readonly string[] PkiFolders = ["pki", "etc/kubernetes/pki", "srv/kubernetes"];
    private static readonly string[] Subfolders = ["", "etcd"];

    private readonly List<string> _problems = [];

    private NodeSearch()
    {
    }

    /// <summary>
    /// Looks into a folder: the one of certificates, <c>/etc/kubernetes</c> above it, or the root of a node's file system.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static FoundNode Look(string? name, string folder) => new NodeSearch().Read(name, Locate(folder));

    /// <summary>The folder of certificates that a folder is or holds.</summary>
    private static string Locate(string folder)
    {
        var full = Path.GetFullPath(folder);
        if (!Directory.Exists(full))
            throw new DirectoryNotFoundException($"{folder} does not exist; name a folder of certificates such as /etc/kubernetes/pki");
        if (Directory.EnumerateFiles(full, "*.crt").Any() && !File.Exists(Path.Combine(full, "pki", "ca.crt")))
            return full;
        return PkiFolders.Select(below => Path.Combine(full, below)).FirstOrDefault(Directory.Exists) ?? full;
    }

    private FoundNode Read(string? name, string pki)
    {
        var names = CertificateNames(pki);
        var layout = IsFlat(pki, names) ? ClusterLayout.Flat : ClusterLayout.Kubeadm;
        var folder = NodeFolder.Of(pki, layout);
        var certificates = new Dictionary<string, Certificate>();
        foreach (var stem in names)
        {
            if (ReadCertificate(Path.Combine(pki, stem + ".crt")) is { } certificate)
                certificates[stem] = certificate;
        }

        if (ReadCertificate(folder.PathOf("/var/lib/kubelet/pki/kubelet.crt")) is { } serving)
            certificates.TryAdd("kubelet", serving);
        var kubeconfigs = ReadKubeconfigs(layout == ClusterLayout.Flat ? pki : Path.GetDirectoryName(pki) ?? "/", folder);
        return new()
        {
            PkiFolder = pki,
            GivenName = name,
            Layout = layout,
            Folder = folder,
            Certificates = certificates,
            Kubeconfigs = kubeconfigs.ToDictionary(pair => pair.Key, pair => pair.Value.Target),
            Clients = kubeconfigs.Where(pair => pair.Value.Client is not null).ToDictionary(pair => pair.Key, pair => pair.Value.Client!),
            Keys = KeyNames(pki),
            Components = ReadManifests(folder),
            Problems = _problems,
        };
    }

    /// <summary>kubeadm's folder has the API server's pair under its own name, or etcd's folder; a worker's has only the CA.</summary>
    private static bool IsFlat(string pki, List<string> names) =>
        !names.Contains("apiserver") && !Directory.Exists(Path.Combine(pki, "etcd"))
        && !File.Exists(Path.Combine(Path.GetDirectoryName(pki) ?? "/", "kubelet.conf"))
        && (names.Contains("server") || names.Count > 1 || Path.GetFileName(pki) != "pki");

    private static List<string> CertificateNames(string pki) => [.. Files(pki, "crt")];

    private static HashSet<string> KeyNames(string pki) => [.. Files(pki, "key")];

    private static IEnumerable<string> Files(string pki, string extension) =>
        Subfolders.Where(below => Directory.Exists(Path.Combine(pki, below)))
            .SelectMany(below => Directory.EnumerateFiles(Path.Combine(pki, below), "*." + extension)
                .Select(path => Path.Combine(below, Path.GetFileNameWithoutExtension(path))))
            .Order(StringComparer.Ordinal).Take(MaxFiles);

    private Dictionary<string, (KubeconfigTarget Target, Certificate? Client)> ReadKubeconfigs(string home, NodeFolder folder)
    {
        var found = new Dictionary<string, (KubeconfigTarget, Certificate?)>();
        if (!Directory.Exists(home))
            return found;
        foreach (var path in Directory.EnumerateFiles(home, "*.conf").Order(StringComparer.Ordinal).Take(MaxFiles))
        {
            if (ReadText(path) is not { } text)
                continue;
            string? problem = null;
            KubeconfigTarget? target = null;
            if (Kubeconfig.TryParse(text, home, out var config, out var error))
                config.TryResolve(null, out target, out problem);
            if (target is null)
                Problem(path, error ?? problem ?? "it has no context");
            else
                found[Path.GetFileName(path)] = (target, ClientOf(path, target, folder));
        }

        return found;
    }

    private Certificate? ClientOf(string path, KubeconfigTarget target, NodeFolder folder)
    {
        try
        {
            if (target.User is { ClientCertificateData: { IsDefaultOrEmpty: false } data })
                return First(Encoding.UTF8.GetString(data.AsSpan()));
        }
        catch (PkiFormatException fault)
        {
            Problem(path, fault.Message);
        }

        return target.User?.ClientCertificate is { Length: > 0 } file ? ReadCertificate(folder.PathOf(file)) : null;
    }

    private Dictionary<string, ComponentFlags> ReadManifests(NodeFolder folder)
    {
        var found = new Dictionary<string, ComponentFlags>();
        foreach (var component in Components)
        {
            var path = folder.PathOf($"/etc/kubernetes/manifests/{component}.yaml");
            if (ReadText(path) is not { } text)
                continue;
            var (flags, problem) = ComponentFlags.FromManifest(text);
            if (flags is not null)
                found[component] = flags;
            else
                Problem(path, problem!);
        }

        return found;
    }

    private Certificate? ReadCertificate(string path)
    {
        if (ReadText(path) is not { } text)
            return null;
        try
        {
            return First(text);
        }
        catch (PkiFormatException fault)
        {
            Problem(path, fault.Message);
            return null;
        }
    }

    /// <summary>The first certificate; keys beside it (the kubelet's own files have them) are left alone.</summary>
    private static Certificate First(string pem) =>
        Certificate.ParseForInspection(Pki.Pem.PemDocument.Parse(pem).Blocks.FirstOrDefault(block => block.Label == Pki.Pem.PemLabels.Certificate)?.Content
            ?? throw new PkiFormatException("there is no certificate in it"));

    /// <summary>A file's text; null where there is none or it cannot be read, which is a problem then.</summary>
    private string? ReadText(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
            {
                Problem(path, $"it is larger than {MaxBytes / 1024} KiB");
                return null;
            }

            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Problem(path, fault is UnauthorizedAccessException ? "it cannot be read by this user" : fault.Message);
            return null;
        }
    }

    private void Problem(string path, string what) => _problems.Add($"{path}: {what}");
}
