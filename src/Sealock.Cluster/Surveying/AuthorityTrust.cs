// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Surveying;

/// <summary>Which certificates each node trusts for each authority, and who signed a given certificate.</summary>
internal sealed class AuthorityTrust
{
    private const int MaxDepth = 6;

    private readonly Dictionary<(string Node, string Authority), IReadOnlyList<Certificate>> _bundles;
    private readonly Dictionary<string, IReadOnlyList<Certificate>> _anywhere;
    private readonly ILookup<DistinguishedName, (Certificate Certificate, PlannedAuthority? Authority)> _bySubject;
    private readonly IReadOnlyList<Certificate> _anchors;
    private readonly Dictionary<(string Node, string Authority), IReadOnlyList<Certificate>> _signing;
    private readonly HashSet<(string Node, string Authority)> _withSigningFile;
    private readonly Dictionary<(string Node, string Authority), SurveyedFile> _keys;

    public AuthorityTrust(Survey survey)
    {
        var ofSet = survey.Authorities.Where(found => found.File.Node.Length == 0 && found.File.Role.Kind == RoleKind.SigningCertificate)
            .ToLookup(found => found.Authority?.Name, found => found.Certificate.PublicKey);
        // A bundle without the set's own CA is told by its own rule; what it trusts instead judges nobody.
        var strange = survey.Authorities.Where(found => found.File.Role.Kind == RoleKind.AuthorityBundle && ofSet.Contains(found.Authority?.Name))
            .GroupBy(found => found.File).Where(file => !file.Any(found => ofSet[found.Authority?.Name].Contains(found.Certificate.PublicKey)))
            .Select(file => file.Key).ToHashSet();
        var bundled = survey.Authorities
            .Where(found => found.File.Role.Kind == RoleKind.AuthorityBundle && found.Authority is not null && !strange.Contains(found.File)).ToList();
        _bundles = bundled.GroupBy(found => (found.File.Node, found.Authority!.Name)) // Found in a file of an authority, so it has one.
            .ToDictionary(group => group.Key, group => Distinct(group));
        _anywhere = survey.Authorities.Where(found => found.Authority is not null && !strange.Contains(found.File) && (found.File.Role.Kind == RoleKind.AuthorityBundle || found.Certificate.IsSelfIssued))
            .GroupBy(found => found.Authority!.Name).ToDictionary(group => group.Key, group => Distinct(group));
        _bySubject = survey.Authorities.Select(found => (found.Certificate, found.Authority)).DistinctBy(pair => (pair.Certificate, pair.Authority?.Name))
            .ToLookup(pair => pair.Certificate.Subject);
        _signing = survey.Authorities.Where(found => found.Authority is not null).GroupBy(found => (found.File.Node, found.Authority!.Name)) // Filtered before.
            .ToDictionary(group => group.Key, group => Distinct(group));
        _keys = survey.Files.Where(file => file.Role is { Kind: RoleKind.AuthorityKey, Authority: not null })
            .GroupBy(file => (file.Node, file.Role.Authority!.Name)).ToDictionary(group => group.Key, group => group.First()); // Filtered before.
        _withSigningFile = [.. survey.Authorities.Where(found => found.File.Role.Kind == RoleKind.SigningCertificate).Select(found => (found.File.Node, found.Authority?.Name ?? ""))];
        _anchors = Distinct(survey.Authorities.Where(found => found.File.Role.Kind != RoleKind.SigningCertificate || found.Certificate.IsSelfIssued));
    }

    /// <summary>What a node trusts for an authority: its own bundle, else any. Empty where there is none.</summary>
    public IReadOnlyList<Certificate> Of(string node, PlannedAuthority authority) =>
        _bundles.GetValueOrDefault((node, authority.Name)) ?? _anywhere.GetValueOrDefault(authority.Name) ?? [];

    /// <summary>The certificates of an authority that its key on a node (or in the folder of authorities) may belong to.</summary>
    public IReadOnlyList<Certificate> Signing(string node, PlannedAuthority authority) => _signing.GetValueOrDefault((node, authority.Name)) ?? [];

    /// <summary>The file with an authority's private key on a node, or in the folder of authorities; null where there is none.</summary>
    public SurveyedFile? KeyOf(string node, PlannedAuthority authority) => _keys.GetValueOrDefault((node, authority.Name));

    /// <summary>True for the file whose certificate the authority's key beside it belongs to.</summary>
    public bool HasSigningRole(SurveyedAuthority found) => found.File.Role.Kind == RoleKind.SigningCertificate
        || !_withSigningFile.Contains((found.File.Node, found.Authority?.Name ?? ""));

    /// <summary>Who signed a leaf, judged by what its node trusts.</summary>
    public IssuerAnswer Ask(Certificate leaf, IReadOnlyList<Certificate> above, string node, PlannedAuthority? expected)
    {
        var trusted = expected is null ? _anchors : Of(node, expected);
        if (trusted.Count == 0)
            trusted = _anchors;
        var (current, incomplete) = (leaf, false);
        for (var depth = 0; depth < MaxDepth; depth++)
        {
            if (Signer(current, trusted) is { } anchor)
            {
                var verdict = incomplete ? IssuerVerdict.Incomplete : IssuerVerdict.Trusted;
                var first = current == leaf ? anchor : Signer(leaf, above) ?? Signer(leaf, Known(leaf)) ?? anchor;
                return new(verdict, first, expected ?? AuthorityOf(anchor));
            }

            if (Signer(current, above) is { } beside)
            {
                current = beside;
            }
            else if (Signer(current, Known(current).Where(known => !known.IsSelfIssued)) is { } elsewhere)
            {
                (current, incomplete) = (elsewhere, true);
            }
            else
            {
                break;
            }
        }

        if (Signer(leaf, Known(leaf)) is { } other)
            return new(IssuerVerdict.OtherAuthority, other, AuthorityOf(other));
        if (Signatures.IsSelfSigned(leaf))
            return new(IssuerVerdict.SelfSigned);
        var named = trusted.Concat(Known(leaf)).FirstOrDefault(candidate => candidate.Subject.Equals(leaf.Issuer));
        if (named is not null)
            return new(IssuerVerdict.SameNameOtherKey, named, AuthorityOf(named), Signatures.RefuseIssuer(leaf, named));
        return new(_anchors.Count == 0 ? IssuerVerdict.NothingToCompare : IssuerVerdict.Unknown);
    }

    private IEnumerable<Certificate> Known(Certificate subject) => _bySubject[subject.Issuer].Select(pair => pair.Certificate);

    private PlannedAuthority? AuthorityOf(Certificate certificate) =>
        _bySubject[certificate.Subject].FirstOrDefault(pair => pair.Certificate.Equals(certificate)).Authority;

    /// <summary>The key identifier is asked first, so that of several CAs of one name only the right one costs a check.</summary>
    private static Certificate? Signer(Certificate subject, IEnumerable<Certificate> candidates) => candidates
        .Where(candidate => candidate.Subject.Equals(subject.Issuer) && !ReferenceEquals(candidate, subject))
        .OrderByDescending(candidate => candidate.SubjectKeyIdentifier.Span.SequenceEqual(subject.AuthorityKeyIdentifier.Span))
        .FirstOrDefault(candidate => Signatures.RefuseIssuer(subject, candidate) is null);

    private static IReadOnlyList<Certificate> Distinct(IEnumerable<SurveyedAuthority> found) =>
        [.. found.Select(authority => authority.Certificate).Distinct()];
}
