// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether the files that flags name are there, and hold what the flag is for.</summary>
internal static class FlagFiles
{
    private enum Holds
    {
        Authorities,
        Certificate,
        Key,
        PublicKey,
        Kubeconfig,
        Anything,
    }

    private static readonly (string Component, string Flag, Holds Holds, PlannedAuthority? Authority)[] Table =
    [
        ("kube-apiserver", "client-ca-file", Holds.Authorities, PlannedAuthority.Cluster),
        ("kube-apiserver", "tls-cert-file", Holds.Certificate, null),
        ("kube-apiserver", "tls-private-key-file", Holds.Key, null),
        ("kube-apiserver", "etcd-cafile", Holds.Authorities, PlannedAuthority.Etcd),
        ("kube-apiserver", "etcd-certfile", Holds.Certificate, null),
        ("kube-apiserver", "etcd-keyfile", Holds.Key, null),
        ("kube-apiserver", "kubelet-certificate-authority", Holds.Authorities, PlannedAuthority.Cluster),
        ("kube-apiserver", "kubelet-client-certificate", Holds.Certificate, null),
        ("kube-apiserver", "kubelet-client-key", Holds.Key, null),
        ("kube-apiserver", "requestheader-client-ca-file", Holds.Authorities, PlannedAuthority.FrontProxy),
        ("kube-apiserver", "proxy-client-cert-file", Holds.Certificate, null),
        ("kube-apiserver", "proxy-client-key-file", Holds.Key, null),
        ("kube-apiserver", "service-account-key-file", Holds.PublicKey, null),
        ("kube-apiserver", "service-account-signing-key-file", Holds.Key, null),
        ("kube-apiserver", "token-auth-file", Holds.Anything, null),
        ("kube-apiserver", "encryption-provider-config", Holds.Anything, null),
        ("kube-controller-manager", "root-ca-file", Holds.Authorities, PlannedAuthority.Cluster),
        ("kube-controller-manager", "client-ca-file", Holds.Authorities, PlannedAuthority.Cluster),
        ("kube-controller-manager", "requestheader-client-ca-file", Holds.Authorities, PlannedAuthority.FrontProxy),
        ("kube-controller-manager", "cluster-signing-cert-file", Holds.Authorities, PlannedAuthority.Cluster),
        ("kube-controller-manager", "cluster-signing-key-file", Holds.Key, null),
        ("kube-controller-manager", "service-account-private-key-file", Holds.Key, null),
        ("kube-controller-manager", "kubeconfig", Holds.Kubeconfig, null),
        ("kube-scheduler", "kubeconfig", Holds.Kubeconfig, null),
        ("kube-proxy", "kubeconfig", Holds.Kubeconfig, null),
        ("kubelet", "kubeconfig", Holds.Kubeconfig, null),
        ("kubelet", "client-ca-file", Holds.Authorities, PlannedAuthority.Cluster),
        ("kubelet", "tls-cert-file", Holds.Certificate, null),
        ("kubelet", "tls-private-key-file", Holds.Key, null),
        ("etcd", "trusted-ca-file", Holds.Authorities, PlannedAuthority.Etcd),
        ("etcd", "peer-trusted-ca-file", Holds.Authorities, PlannedAuthority.Etcd),
        ("etcd", "cert-file", Holds.Certificate, null),
        ("etcd", "key-file", Holds.Key, null),
        ("etcd", "peer-cert-file", Holds.Certificate, null),
        ("etcd", "peer-key-file", Holds.Key, null),
    ];

    private static readonly (string Certificate, string Key)[] Pairs =
    [
        ("tls-cert-file", "tls-private-key-file"), ("etcd-certfile", "etcd-keyfile"), ("kubelet-client-certificate", "kubelet-client-key"),
        ("proxy-client-cert-file", "proxy-client-key-file"), ("cluster-signing-cert-file", "cluster-signing-key-file"),
        ("cert-file", "key-file"), ("peer-cert-file", "peer-key-file"),
    ];

    public static Rule<FoundComponent> Missing { get; } = new("flag-file-missing", Severity.Error,
        "The component does not start without it.",
        (survey, component) => Rows(component).Where(row => !IsOfOthers(survey, row.Flag) && survey.Resolve(row.Flag.File, row.Flag.Value) is null
                && (survey.HasFolderOf(row.Flag.File.Node, row.Flag.Value) || KeepsFolderOf(survey, component, row.Flag)))
            .Select(row => new Fault($"{FlagFault.Written(row.Flag)}: there is no such file", $"put the file there, or name the right one in {row.Flag.File.PathOnNode}") { File = row.Flag.File }));

    public static Rule<FoundComponent> Wrong { get; } = new("flag-file-wrong", Severity.Error,
        "The component does not start with it, or trusts the wrong people.",
        (survey, component) => Rows(component).SelectMany(row => survey.Resolve(row.Flag.File, row.Flag.Value) is { Body: not NoBody, Length: > 0 } file
                && !ToldByItself(row.Holds, file.Role.Kind) && Fault(row.Holds, row.Authority, file) is { } what
            ? [new Fault($"{FlagFault.Written(row.Flag)}: {what}", $"name the right file in {row.Flag.File.PathOnNode}") { File = row.Flag.File }]
            : Enumerable.Empty<Fault>()));

    public static Rule<FoundComponent> Pair { get; } = new("flag-pair", Severity.Error,
        "The component does not start with a key that is not its certificate's.",
        (survey, component) => Pairs.SelectMany(pair => component[pair.Certificate] is { } certificate && component[pair.Key] is { } key
            && survey.Resolve(certificate.File, certificate.Value)?.Pem is { Certificates: [var leaf, ..] }
            && survey.Resolve(key.File, key.Value) is { Pem.PrivateKeys: [{ Public: { } half }, ..] } keyFile && !half.Equals(leaf.PublicKey)
            && !survey.Leaves.Any(found => found.Certificate.Equals(leaf) && found.KeyFile == keyFile)
                ? [new Fault($"{FlagFault.Written(key)} is not the key of {FlagFault.Written(certificate)}", $"name files that belong together in {key.File.PathOnNode}") { File = key.File }]
                : Enumerable.Empty<Fault>()));

    public static Rule<FoundComponent> ServerKeySignsTokens { get; } = new("service-account-key-shared", Severity.Warning,
        "Whoever has the server's key makes tokens of any service account, and renewing the server's certificate with a new key ends all tokens.",
        (survey, component) => component.Flags.Where(flag => flag.Name is "service-account-private-key-file" or "service-account-signing-key-file" or "service-account-key-file")
            .Select(flag => (Flag: flag, Owner: OwnerOf(survey, flag))).Where(pair => pair.Owner is not null)
            .Select(pair => new Fault($"{FlagFault.Written(pair.Flag)} is the key of the certificate {pair.Owner!.Title}", // Filtered above.
                "openssl genrsa -out sa.key 2048 && openssl pkey -in sa.key -pubout -out sa.pub, then name these in the flags of kube-apiserver and kube-controller-manager")
            { File = pair.Flag.File }));

    /// <summary>What an etcd that others run gives to its clients is put on the nodes by hand, and in no set.</summary>
    private static bool IsOfOthers(Survey survey, ComponentFlag flag) => flag.Name.StartsWith("etcd-", StringComparison.Ordinal)
        && survey.Scope is { Set: not null, Plan.Configuration.ExternalEtcd.Count: > 0 };

    /// <summary>In a folder that is kept elsewhere than it is used: whether others of the same folder are here.</summary>
    private static bool KeepsFolderOf(Survey survey, FoundComponent component, ComponentFlag flag) => survey.Scope is { Set: null, IsKubeadm: false }
        && Rows(component).Any(other => Path.GetDirectoryName(other.Flag.Value) == Path.GetDirectoryName(flag.Value) && survey.Resolve(other.Flag.File, other.Flag.Value) is not null);

    private static IEnumerable<(ComponentFlag Flag, Holds Holds, PlannedAuthority? Authority)> Rows(FoundComponent component) =>
        Table.Where(row => row.Component == component.Name)
            .Select(row => (Flag: component[row.Flag], row.Holds, row.Authority))
            .Where(row => row.Flag is { Value.Length: > 0 } && !row.Flag.Value.StartsWith('$'))
            .Select(row => (row.Flag!, row.Holds, row.Authority)); // Filtered above.

    /// <summary>Where a file is meant to hold what the flag wants, its own rules tell what is wrong with it.</summary>
    private static bool ToldByItself(Holds holds, RoleKind role) => (holds, role) switch
    {
        (Holds.Certificate, RoleKind.Leaf) => true,
        (Holds.Key, RoleKind.LeafKey or RoleKind.AuthorityKey or RoleKind.ServiceAccountKey) => true,
        (Holds.PublicKey, RoleKind.ServiceAccountPublicKeys or RoleKind.ServiceAccountKey) => true,
        (Holds.Kubeconfig, RoleKind.Kubeconfig) => true,
        _ => false,
    };

    private static string? Fault(Holds holds, PlannedAuthority? authority, SurveyedFile file)
    {
        switch (holds)
        {
            case Holds.Kubeconfig:
                return file.Body is KubeconfigBody ? null : "it is no kubeconfig";
            case Holds.Anything:
                return null;
            default:
                break;
        }

        if (file.Pem is not { } pem)
            return file.Role.Kind is RoleKind.AuthorityBundle or RoleKind.SigningCertificate ? null : "it holds no PEM";
        if (pem.BrokenBlocks > 0 || pem.Malformed.Count > 0)
            return null;
        return holds switch
        {
            Holds.Authorities when pem.Certificates.Count == 0 => "there is no certificate in it",
            Holds.Authorities when !pem.Certificates.Any(certificate => certificate.IsCa || certificate.IsSelfIssued) => "it holds no CA certificate but a leaf",
            // Where one file serves as the CA of all, its own rules speak.
            Holds.Authorities when authority is not null && file.Role is { Kind: RoleKind.AuthorityBundle or RoleKind.SigningCertificate, Authority: { } other }
                && other != authority && other != PlannedAuthority.Cluster => $"it holds {other.Name}, not {authority.Name}",
            Holds.Certificate when pem.Certificates.Count == 0 => "there is no certificate in it",
            Holds.Certificate when pem.Certificates[0].IsCa => "it holds a CA certificate, not a leaf",
            Holds.Key when pem.PrivateKeys.Count == 0 => "there is no private key in it",
            Holds.PublicKey when pem.PublicKeys.Count + pem.PrivateKeys.Count + pem.Certificates.Count == 0 => "there is no key in it",
            _ => null,
        };
    }

    private static SurveyedLeaf? OwnerOf(Survey survey, ComponentFlag flag)
    {
        var pem = survey.Resolve(flag.File, flag.Value)?.Pem;
        var key = pem?.PrivateKeys is [{ Public: { } half }, ..] ? half : pem?.PublicKeys is [var first, ..] ? first : null;
        return key is null ? null : survey.Leaves.FirstOrDefault(leaf => leaf.Certificate.PublicKey.Equals(key));
    }
}
