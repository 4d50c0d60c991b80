// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Sets;

/// <summary>
/// What stands of a plan: every planned file as it was found at one moment, and the authorities in their folder. What
/// is missing, unreadable or malformed is there as a value.
/// </summary>
public sealed class StandingSet
{
    private readonly FrozenDictionary<string, StandingFile> _files;
    private readonly FrozenDictionary<string, StandingAuthority> _authorities;
    private readonly FrozenDictionary<string, StandingCertificate> _certificates;

    private StandingSet(ClusterPlan plan, SetFolder folder, IEnumerable<StandingFile> files, IEnumerable<StandingAuthority> authorities)
    {
        (Plan, Folder) = (plan, folder);
        _files = files.ToFrozenDictionary(file => file.Planned.Title);
        _authorities = authorities.ToFrozenDictionary(authority => authority.Planned.Name);
        var byCertificate = _files.Values.ToLookup(file => file.Planned.Content switch
        {
            LeafCertificate leaf => leaf.Certificate.Title,
            LeafKey leaf => leaf.Certificate.Title,
            LeafKubeconfig leaf => leaf.Certificate.Title,
            _ => null,
        });
        _certificates = plan.Certificates.ToFrozenDictionary(
            certificate => certificate.Title,
            certificate => new StandingCertificate(certificate, [.. byCertificate[certificate.Title]]));
    }

    /// <summary>What was looked for.</summary>
    public ClusterPlan Plan { get; }

    /// <summary>Where it was looked for.</summary>
    public SetFolder Folder { get; }

    /// <summary>All planned files, in the plan's order.</summary>
    public IEnumerable<StandingFile> Files => Plan.Files.Select(file => _files[file.Title]);

    /// <summary>The authorities, in the plan's order.</summary>
    public IEnumerable<StandingAuthority> Authorities => Plan.Authorities.Select(authority => _authorities[authority.Name]);

    /// <summary>All leaf certificates, in the plan's order.</summary>
    public IEnumerable<StandingCertificate> Certificates => Plan.Certificates.Select(certificate => _certificates[certificate.Title]);

    /// <summary>What stands for one file of the plan.</summary>
    public StandingFile this[PlannedFile file] => _files[file.Title];

    /// <summary>What stands for one certificate of the plan.</summary>
    public StandingCertificate this[PlannedCertificate certificate] => _certificates[certificate.Title];

    /// <summary>What stands for one authority of the plan.</summary>
    public StandingAuthority this[PlannedAuthority authority] => _authorities[authority.Name];

    /// <summary>Reads everything, on all cores.</summary>
    public static StandingSet Read(ClusterPlan plan, SetFolder folder, CancellationToken cancellationToken)
    {
        var files = new StandingFile[plan.Files.Count];
        Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            var file = StandingFile.Read(plan.Files[i], folder.PathOf(plan.Files[i]));
            _ = file.Certificates;
            files[i] = file;
        });
        return new(plan, folder, files, plan.Authorities.Select(authority => ReadAuthority(plan, folder, authority)));
    }

    private static StandingAuthority ReadAuthority(ClusterPlan plan, SetFolder folder, PlannedAuthority authority)
    {
        var home = plan.Configuration.Nodes[0];
        return new(
            authority,
            Certificates(folder.CertificateOf(authority)),
            StandingFile.Read(new(home, folder.KeyOf(authority), new AuthorityKey(authority), AtomicFile.Secret, ""), folder.KeyOf(authority)))
        {
            TrustedFile = Certificates(folder.TrustedOf(authority)),
            PresentedFile = Certificates(folder.PresentedOf(authority)),
        };

        StandingFile Certificates(string path) => StandingFile.Read(new(home, path, new AuthorityBundle(authority), AtomicFile.Public, ""), path);
    }
}

/// <summary>What stands for a leaf certificate: in a pair of files, in a kubeconfig, or in both.</summary>
public sealed class StandingCertificate
{
    internal StandingCertificate(PlannedCertificate planned, IReadOnlyList<StandingFile> files) => (Planned, Files) = (planned, files);

    /// <summary>What is wanted.</summary>
    public PlannedCertificate Planned { get; }

    /// <summary>The files that carry it.</summary>
    public IReadOnlyList<StandingFile> Files { get; }

    /// <summary>The file that holds the certificate: the pair's, else the kubeconfig.</summary>
    public StandingFile Carrier => Files.FirstOrDefault(file => file.Planned.Content is LeafCertificate) ?? Files[0];

    /// <summary>The file that holds the key: the pair's, else the kubeconfig.</summary>
    public StandingFile KeyCarrier => Files.FirstOrDefault(file => file.Planned.Content is LeafKey) ?? Files[0];

    /// <summary>The leaf first, then what stands above it in the file; empty where there is none.</summary>
    public IReadOnlyList<Certificate> Chain => Carrier.Certificates;

    /// <summary>The leaf; null where there is none.</summary>
    public Certificate? Leaf => Chain is [var leaf, ..] ? leaf : null;
}

/// <summary>What stands for an authority in the folder of authorities.</summary>
/// <param name="Planned">What is wanted.</param>
/// <param name="CertificateFile">Its certificate, and those above it.</param>
/// <param name="KeyFile">Its key; missing where the authority is external.</param>
public sealed record StandingAuthority(PlannedAuthority Planned, StandingFile CertificateFile, StandingFile KeyFile)
{
    /// <summary>What is trusted in its name while it is rotated; missing otherwise.</summary>
    public required StandingFile TrustedFile { get; init; }

    /// <summary>What is sent after its leaves while it is rotated; missing otherwise.</summary>
    public required StandingFile PresentedFile { get; init; }

    /// <summary>
    /// Who signs, what bundles and kubeconfigs hold, and what stands after leaves; null where there is no certificate.
    /// The one place to ask: during a rotation it is more than the certificate alone says.
    /// </summary>
    public AuthorityRoles? Roles
    {
        get
        {
            if (CertificateFile.Certificates is not [_, ..] chain)
                return null;
            var roles = AuthorityRoles.Of(chain);
            return TrustedFile.Certificates is [_, ..] trusted
                ? roles with { Trusted = trusted, Presented = PresentedFile.Certificates }
                : roles;
        }
    }

    /// <summary>Its certificate; null where there is none.</summary>
    public Certificate? Certificate => CertificateFile.Certificates is [var own, ..] ? own : null;

    /// <summary>True where there is a certificate but no key: somebody else signs.</summary>
    public bool IsExternal => Certificate is not null && KeyFile.IsMissing;

    /// <summary>Its key. The caller disposes it.</summary>
    public KeyPair? ReadKey(string? passphrase, out string? problem) => KeyFile.ReadKey(passphrase, out problem);
}
