// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Inspecting;

/// <summary>What files of certificates and keys are called.</summary>
internal static class FileNames
{
    private static readonly string[] Endings = ["-key", "_key", ".key", "-cert", "_cert", ".cert", "-crt", ".crt"];

    private static readonly string[] Certificates =
        [".crt", ".pem", ".cer", ".cert", ".der", ".p12", ".pfx", ".p7b", ".p7c", ".csr", ".crl", ".key", ".pub"];

    /// <summary>
    /// The name without what tells key from certificate, so that a pair has the same: <c>apiserver</c> for
    /// <c>apiserver.crt</c> and <c>apiserver.key</c>, <c>admin</c> for <c>admin.pem</c> and <c>admin-key.pem</c>.
    /// </summary>
    public static string Stem(string path)
    {
        var stem = path[..^Path.GetExtension(path).Length];
        foreach (var ending in Endings)
        {
            if (stem.EndsWith(ending, StringComparison.Ordinal) && stem.Length > ending.Length)
                return stem[..^ending.Length];
        }

        return stem;
    }

    /// <summary>True for a file that by its name should hold certificates or keys.</summary>
    public static bool IsOfCertificates(string path) => Certificates.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>True for a file that by its name may hold objects.</summary>
    public static bool MayBeManifest(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml" or ".json" or ".conf" or ".kubeconfig" or "";
}
