// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Surveying;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>What the parts of a cluster must be to each other.</summary>
internal static class ClusterRules
{
    public static Rule<Survey> KeyReused { get; } = new("key-reused", Severity.Warning,
        "One stolen key then opens several doors, and none of them can be renewed alone.",
        (survey, _) =>
        {
            var uses = survey.Leaves.Select(leaf => (Key: leaf.Certificate.PublicKey, Identity: Identity(leaf), Same: leaf.Certificate.Sha256Hex, leaf.Title, leaf.File, Kind: RoleKind.Leaf))
                .Concat(survey.Authorities.Where(found => found.Authority is not null && Survey.LooksLikeAuthority(found.Certificate))
                    .Select(found => (Key: found.Certificate.PublicKey, Identity: $"CA {found.Authority!.Name}", Same: "", Title: found.Authority.Name, found.File, Kind: RoleKind.AuthorityBundle))) // Filtered above.
                .Concat(ServiceAccountKeys(survey).Select(pair => (pair.Key, Identity: "sa", Same: "", Title: "the service account key", pair.File, Kind: RoleKind.ServiceAccountKey)));
            // One certificate may stand in several files, and a renewed one may have kept its key.
            return uses.GroupBy(use => use.Key).Select(same => same.DistinctBy(use => use.Same.Length > 0 ? use.Same : use.Identity).DistinctBy(use => use.Identity).ToList())
                // CAs among themselves have a rule of their own.
                .Where(same => same.Count > 1 && same.Any(use => use.Kind != RoleKind.AuthorityBundle)).Select(same =>
            {
                var last = same.LastOrDefault(use => use.Kind == RoleKind.Leaf) is { File: not null } leaf ? leaf : same[^1];
                var others = same.Where(use => use.Identity != last.Identity).Select(use => use.Title);
                return new Fault($"its key is also that of {string.Join(", ", others.Take(5))}{(same.Count > 6 ? $" and {same.Count - 6} more" : "")}", Remedies.Reissue(survey, last.File))
                {
                    File = last.File,
                    Subject = last.Title,
                    Severity = same.Any(use => use.Kind == RoleKind.AuthorityBundle) && last.Kind == RoleKind.Leaf ? Severity.Error : null,
                };
            });
        });

    public static Rule<Survey> SerialReused { get; } = new("serial-reused", Severity.Error,
        "Issuer and serial number are a certificate's identity: revocation hits both, and some libraries refuse the second.",
        (survey, _) => survey.Leaves.GroupBy(leaf => (leaf.Certificate.Issuer, leaf.Certificate.SerialNumber, Signer: leaf.Issuer.Issuer?.PublicKey))
            .Select(same => same.DistinctBy(leaf => leaf.Certificate).ToList()).Where(same => same.Count > 1)
            .Select(same => new Fault($"its serial number {same[^1].Certificate.SerialNumber} is also that of {string.Join(", ", same.SkipLast(1).Take(5).Select(leaf => leaf.Title))}",
                Remedies.Reissue(survey, same[^1].File))
            { File = same[^1].File, Subject = same[^1].Title }));

    public static Rule<Survey> AuthoritiesDiffer { get; } = new("ca-differs", Severity.Error,
        "Nodes that trust different CAs refuse each other.",
        (survey, _) =>
        {
            var faults = new List<Fault>();
            foreach (var bundles in survey.Authorities.Where(found => found.File.Role.Kind == RoleKind.AuthorityBundle && found.Authority is not null)
                .GroupBy(found => found.Authority!)) // Filtered above.
            {
                var byFile = bundles.GroupBy(found => found.File).Select(file => (File: file.Key, Keys: file.Select(found => found.Certificate.PublicKey).ToHashSet())).ToList();
                var reference = Reference(survey, bundles.Key) is { Count: > 0 } own ? own
                    : byFile.SelectMany(file => file.Keys).GroupBy(key => key).OrderByDescending(key => key.Count()).Take(1).Select(key => key.Key).ToHashSet();
                faults.AddRange(byFile.Where(file => !file.Keys.Overlaps(reference)).Select(file =>
                    new Fault($"its {bundles.Key.Name} is not that of the {(survey.Scope.Set is null ? "other nodes" : "set")}", Remedies.RestoreBundle(survey, file.File))
                    {
                        File = file.File,
                        Subject = file.File.Node.Length == 0 ? bundles.Key.Name : $"{file.File.Node}/{bundles.Key.Name}",
                    }));
            }

            return faults;
        });

    public static Rule<Survey> ServiceAccountPair { get; } = new("service-account-pair", Severity.Error,
        "The API server verifies tokens with the public key: tokens signed with another key are refused, and no pod can speak to it.",
        (survey, _) => survey.Files.Where(file => file.Role.Kind == RoleKind.ServiceAccountPublicKeys && file.Pem is not null).SelectMany(file =>
        {
            var halves = PublicKeys(file);
            var key = survey.Files.FirstOrDefault(other => other.Role.Kind == RoleKind.ServiceAccountKey && other.Node == file.Node);
            return halves.Count > 0 && key?.Pem?.PrivateKeys is [{ Public: { } half }, ..] && !halves.Contains(half)
                ? [new Fault($"{file.PathOnNode} does not hold the public half of {key.PathOnNode}", survey.Scope.Set is not null
                    ? $"put the former public key aside, then openssl pkey -in {key.Path} -pubout -out {file.Path}"
                    : $"openssl pkey -in {key.Path} -pubout -out {file.Path}") { File = file, Subject = Title(file, "sa") }]
                : Enumerable.Empty<Fault>();
        }));

    public static Rule<Survey> ServiceAccountKeysDiffer { get; } = new("service-account-key-differs", Severity.Error,
        "Tokens that one control plane signs are refused by the other.",
        (survey, _) =>
        {
            var keys = survey.Files.Where(file => file.Role.Kind == RoleKind.ServiceAccountKey && file.Pem?.PrivateKeys is [{ Public: not null }, ..]).ToList();
            return keys.Skip(1).Where(file => PublicKeys(file)[0] is var half && !half.Equals(PublicKeys(keys[0])[0]) && !VerifiedBy(survey, file.Node, keys[0]))
                .Select(file => new Fault($"{file.PathOnNode} is not the service account key of {(keys[0].Node.Length > 0 ? keys[0].Node : "the set")}",
                    survey.Scope.Set is not null ? Remedies.Make(survey, file) : $"copy sa.key and sa.pub from {keys[0].Node}")
                { File = file, Subject = Title(file, "sa") });
        });

    public static Rule<Survey> AuthorityKeyOnWorker { get; } = new("ca-key-on-worker", Severity.Error,
        "Whoever takes over that worker can make certificates for everyone.",
        (survey, _) => survey.Files.Where(file => file.Planned is null && file.Role.Kind is RoleKind.Unknown or RoleKind.AuthorityKey && file.Node.Length > 0
                && survey.Scope.Plan?.Configuration.Nodes.FirstOrDefault(node => node.Name == file.Node) is { IsControlPlane: false }
                && file.Pem?.PrivateKeys is [{ Public: { } half }, ..] && survey.Authorities.Any(found => found.Certificate.PublicKey.Equals(half)))
            .Select(file => new Fault($"{file.PathOnNode} is a CA's private key, on a worker", $"rm {file.Path}") { File = file, Subject = Title(file, Path.GetFileName(file.Path)) }));

    public static Rule<Survey> OneAuthorityForAll { get; } = new("one-ca-for-all", Severity.Warning,
        "Whoever may speak to the API server may then also speak to etcd, or pass for the front proxy and name any user.",
        (survey, _) => survey.Authorities.Where(found => found.File.Role.Kind == RoleKind.AuthorityBundle && found.Authority is not null).GroupBy(found => found.Certificate.PublicKey)
            .Select(same => same.DistinctBy(found => found.Authority).ToList()).Where(same => same.Count > 1)
            .Select(same => new Fault($"{string.Join(" and ", same.Select(found => found.Authority!.Name))} are one CA", Remedies.Rotate(survey, same[^1].Authority)) // Filtered above.
            {
                File = same[^1].File,
                Subject = same[^1].Title,
            }));

    private static string Identity(SurveyedLeaf leaf) =>
        $"{leaf.File.Node}\0{leaf.Expected?.Name ?? (leaf.File.Body is KubeconfigBody ? "" : leaf.File.PathOnNode)}\0{leaf.Certificate.Subject}";

    private static IEnumerable<(PublicKeyInfo Key, SurveyedFile File)> ServiceAccountKeys(Survey survey) =>
        survey.Files.Where(file => file.Role.Kind is RoleKind.ServiceAccountKey or RoleKind.ServiceAccountPublicKeys)
            .SelectMany(file => PublicKeys(file).Select(key => (key, file)));

    private static HashSet<PublicKeyInfo> Reference(Survey survey, PlannedAuthority authority) =>
        [.. survey.Authorities.Where(found => found.File.Role.Kind == RoleKind.SigningCertificate && found.File.Node.Length == 0 && found.Authority == authority)
            .Select(found => found.Certificate.PublicKey)];

    /// <summary>During a rotation of the key one node signs with the new one already; all verify both.</summary>
    private static bool VerifiedBy(Survey survey, string node, SurveyedFile key) => survey.Files.Any(file =>
        file.Role.Kind == RoleKind.ServiceAccountPublicKeys && file.Node == node && PublicKeys(file).Contains(PublicKeys(key)[0]));

    private static List<PublicKeyInfo> PublicKeys(SurveyedFile file) => file.Pem is not { } pem ? []
        : [.. pem.PublicKeys, .. pem.PrivateKeys.Select(key => key.Public).OfType<PublicKeyInfo>(), .. pem.Certificates.Select(certificate => certificate.PublicKey)];

    private static string Title(SurveyedFile file, string name) => file.Node.Length == 0 ? name : $"{file.Node}/{name}";
}
