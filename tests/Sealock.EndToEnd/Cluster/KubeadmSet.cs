// SPDX-License-Identifier: Apache-2.0
using System.IO.Enumeration;
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;
using Sealock.Pki.Pem;

namespace Sealock.EndToEnd.Cluster;

/// <summary>
/// What stands in a kubeadm-shaped folder, as named facts that can be compared: of every certificate and kubeconfig the
/// fields, of every file the mode.
/// </summary>
internal sealed class KubeadmSet
{
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _facts = new(StringComparer.Ordinal);

    private KubeadmSet()
    {
    }

    /// <summary>Facts by file, then by field.</summary>
    public IReadOnlyDictionary<string, SortedDictionary<string, string>> Facts => _facts;

    /// <summary>Reads a folder that holds kubeconfigs and <c>pki</c>.</summary>
    public static KubeadmSet Read(string folder, DateTimeOffset made)
    {
        var set = new KubeadmSet();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path);
            var facts = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["mode"] = Convert.ToString((int)File.GetUnixFileMode(path), 8) };
            switch (Path.GetExtension(path))
            {
                case ".crt":
                    Add(facts, "", Certificate.ListFromPem(File.ReadAllText(path)), made);
                    break;
                case ".key" or ".pub":
                    facts["label"] = PemDocument.Parse(File.ReadAllText(path)).LabelsFound;
                    break;
                case ".conf":
                    Add(facts, path, made);
                    break;
                default:
                    break;
            }

            set._facts[name] = facts;
        }

        return set;
    }

    /// <summary>Every difference as <c>file field: theirs -> ours</c>.</summary>
    public IEnumerable<CertificateDifference> DifferencesTo(KubeadmSet ours)
    {
        foreach (var name in Facts.Keys.Union(ours.Facts.Keys))
        {
            if (!ours.Facts.TryGetValue(name, out var own))
                yield return new(name, "file", "there", "absent");
            else if (!Facts.TryGetValue(name, out var theirs))
                yield return new(name, "file", "absent", "there");
            else
            {
                foreach (var field in theirs.Keys.Union(own.Keys).Where(field => theirs.GetValueOrDefault(field) != own.GetValueOrDefault(field)))
                    yield return new(name, field, theirs.GetValueOrDefault(field) ?? "absent", own.GetValueOrDefault(field) ?? "absent");
            }
        }
    }

    private static void Add(SortedDictionary<string, string> facts, string path, DateTimeOffset made)
    {
        var config = KubeconfigFiles.Read(path);
        Assert.True(config.TryResolve(null, out var target, out var error), error);
        facts["context"] = target.Context;
        facts["cluster"] = target.Cluster.Name;
        facts["server"] = target.Cluster.Server;
        facts["user"] = target.User!.Name;
        facts["trust"] = TextOf(target.Cluster.CertificateAuthorityData) == File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, "pki", "ca.crt")) ? "ca.crt" : "another";
        facts["key label"] = PemDocument.Parse(TextOf(target.User.ClientKeyData)).LabelsFound;
        Add(facts, "client ", Certificate.ListFromPem(TextOf(target.User.ClientCertificateData)), made);

        static string TextOf(IEnumerable<byte> data) => Encoding.UTF8.GetString([.. data]);
    }

    private static void Add(SortedDictionary<string, string> facts, string prefix, IReadOnlyList<Certificate> chain, DateTimeOffset made)
    {
        var told = CertificateFacts.Of(chain[0]);
        facts[prefix + "certificates"] = $"{chain.Count}";
        facts[prefix + "version"] = $"{told.Version}";
        facts[prefix + "serial number"] = chain[0].SerialNumber.IsZero ? "zero" : "random";
        facts[prefix + "common name"] = told.CommonName ?? "";
        facts[prefix + "organizations"] = string.Join(", ", told.Organizations);
        facts[prefix + "issuer"] = told.Issuer;
        facts[prefix + "begins"] = told.NotBefore < made - TimeSpan.FromMinutes(4) ? "5 minutes before" : "when it is made";
        facts[prefix + "lifetime"] = $"{told.Lifetime.TotalDays:0.###} days";
        facts[prefix + "key"] = told.Key.Description;
        facts[prefix + "signature"] = told.SignatureAlgorithm;
        facts[prefix + "CA"] = told.IsCa?.ToString() ?? "absent";
        facts[prefix + "path length"] = told.PathLength?.ToString() ?? "none";
        facts[prefix + "key usage"] = string.Join(", ", told.KeyUsages ?? []);
        facts[prefix + "extended key usage"] = string.Join(", ", told.ExtendedKeyUsages);
        facts[prefix + "names"] = string.Join(", ", told.Names.Select(name => name.ToString()).Order(StringComparer.Ordinal));
        facts[prefix + "subject key identifier"] = told.SubjectKeyId.Length > 0 ? "there" : "absent";
        facts[prefix + "authority key identifier"] = told.AuthorityKeyId.Length > 0 ? "there" : "absent";
        facts[prefix + "critical"] = string.Join(", ", told.CriticalExtensions.Order(StringComparer.Ordinal));
        facts[prefix + "other extensions"] = $"{told.OtherExtensions.Count}";
    }
}

/// <summary>A difference between kubeadm's files and ours.</summary>
internal sealed record CertificateDifference(string File, string Field, string Theirs, string Ours)
{
    public override string ToString() => $"{File} {Field}: {Theirs} -> {Ours}";
}

/// <summary>A listed one; a <c>*</c> stands for any text.</summary>
internal sealed record KnownCertificateDifference(string Key, string File, string Field, string Reason)
{
    /// <summary>Reads the rows of docs/differences.md that begin with a kind of key.</summary>
    public static IReadOnlyList<KnownCertificateDifference> Read(string markdown) =>
    [
        .. markdown.Split('\n').Where(line => line.StartsWith("| any | `", StringComparison.Ordinal) || line.StartsWith("| RSA | `", StringComparison.Ordinal)
                || line.StartsWith("| ECDSA | `", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split(" | ").Select(cell => cell.Trim().Trim('`')).ToArray())
            .Select(cells => new KnownCertificateDifference(cells[0], cells[1], cells[2], string.Join(" | ", cells[3..]))),
    ];

    public bool Covers(string key, CertificateDifference difference) => (Key == "any" || Key == key)
        && FileSystemName.MatchesSimpleExpression(File, difference.File, ignoreCase: false)
        && FileSystemName.MatchesSimpleExpression(Field, difference.Field, ignoreCase: false);
}
