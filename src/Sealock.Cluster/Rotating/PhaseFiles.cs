// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Making;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>The files that a phase asks for. What stands is given, what is wanted comes out; nothing is written.</summary>
internal static class PhaseFiles
{
    /// <summary>The files of the folder of authorities, by paths relative to it.</summary>
    public static ChangeSet OfAuthorities(SetFolder folder, ClusterPlan plan, ClusterRotation rotation, RotationKeys keys)
    {
        var phase = rotation.Phase;
        if (rotation.Key is { } key)
        {
            return new()
            {
                Files =
                [
                    File(folder.Authorities, folder.ServiceAccountKey, keys.PemAt(phase), AtomicFile.Secret),
                    File(folder.Authorities, folder.ServiceAccountPublicKeys, string.Concat(key.VerifyingAt(phase).Select(one => one.ToPem())), AtomicFile.Public),
                ],
            };
        }

        var certificates = rotation.Authority ?? throw new InvalidOperationException("a rotation is of an authority or of a key");
        var authority = plan.Authorities.First(authority => authority.Name == rotation.Subject);
        var roles = certificates.At(phase);
        var between = PhaseRules.TrustsOld(phase) && PhaseRules.TrustsNew(phase);
        List<WantedFile> files =
        [
            File(folder.Authorities, folder.CertificateOf(authority), Certificate.ToPem(roles.Signing), AtomicFile.Public),
            File(folder.Authorities, folder.KeyOf(authority), keys.PemAt(phase), AtomicFile.Secret),
        ];
        if (keys.RootPems is { } roots)
        {
            files.Add(File(folder.Authorities, folder.RootCertificateOf(authority), roles.Signing[^1].ToPem(), AtomicFile.Public));
            files.Add(File(folder.Authorities, folder.RootKeyOf(authority), PhaseRules.NewSigns(phase) ? roots.New : roots.Old, AtomicFile.Secret));
        }

        List<string> gone = [];
        foreach (var (path, held) in new[] { (folder.TrustedOf(authority), roles.Trusted), (folder.PresentedOf(authority), roles.Presented) })
        {
            if (between && held.Count > 0)
                files.Add(File(folder.Authorities, path, Certificate.ToPem(held), AtomicFile.Public));
            else
                gone.Add(Path.GetRelativePath(folder.Authorities, path));
        }

        return new() { Files = files, Deleted = gone };
    }

    /// <summary>The files of a node that the subjects' material asks for, by paths relative to the set's folder.</summary>
    /// <param name="standing">What stands.</param>
    /// <param name="material">Authorities and keys as of the phase.</param>
    /// <param name="node">The node.</param>
    /// <param name="subjects">What is rotated.</param>
    /// <param name="signers">The keys of authorities that are rotated, by name.</param>
    /// <param name="reuseKeys">Whether leaves keep their keys.</param>
    /// <param name="now">The time.</param>
    public static ChangeSet OfNode(
        StandingSet standing, SetMaterial material, ClusterNode node, IReadOnlySet<string> subjects,
        IReadOnlyDictionary<string, ISigner> signers, bool reuseKeys, DateTimeOffset now) => NodeFiles.Of(
            standing, material, node,
            file => subjects.Any(subject => RotationStart.Concerns(file.Content, subject)),
            planned => LeafOf(standing, material, planned, signers, reuseKeys, now));

    /// <summary>The leaf as the phase wants it; null where none stands, so that none is wanted here.</summary>
    private static MadeLeaf? LeafOf(
        StandingSet standing, SetMaterial material, PlannedCertificate planned, IReadOnlyDictionary<string, ISigner> signers,
        bool reuseKeys, DateTimeOffset now)
    {
        var found = standing[planned];
        if (found.Files.All(file => file.IsMissing))
            return null;
        var roles = material.RolesOf(planned.Authority) ?? throw new RotationException($"{planned.Authority} has no certificate");
        using var key = found.KeyCarrier.ReadKey(null, out _);
        var fits = key is not null && found.Leaf?.Matches(key) == true;
        if (fits && LeafDemands.Of(found.Chain, roles) is LeafDemand.Keep or LeafDemand.Rechain)
            return new(planned, roles.ChainOf(found.Chain[0]), NodeFiles.KeyText(found.KeyCarrier));
        var (leaf, refusal) = LeafMaker.Make(
            standing.Plan.Configuration, planned, roles, signers[planned.Authority.Name], reuseKeys && fits ? key : null, now);
        return leaf ?? throw new RotationException($"{planned} cannot be issued: {refusal}");
    }

    private static WantedFile File(string root, string path, string text, UnixFileMode mode) => new()
    {
        Path = Path.GetRelativePath(root, path),
        Content = Encoding.UTF8.GetBytes(text),
        Mode = mode,
    };
}
