// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;

namespace Sealock.Pki.Paths;

/// <summary>
/// The certificates a verification trusts, and nothing else: no system store, no network. Immutable; the anchors'
/// public keys are set up once, so keep a pool rather than making one per verification. Any certificate can be an
/// anchor, also an intermediate or an X.509 v1 one.
/// </summary>
public sealed class TrustPool
{
    private readonly FrozenDictionary<DistinguishedName, Certificate[]> bySubject;
    private readonly FrozenSet<Certificate> members;

    /// <summary>Takes the anchors, dropping repetitions.</summary>
    public TrustPool(IEnumerable<Certificate> anchors)
    {
        Certificates = [.. anchors.Distinct()];
        members = Certificates.ToFrozenSet();
        bySubject = Certificates.GroupBy(c => c.Subject).ToFrozenDictionary(g => g.Key, g => g.ToArray());
    }

    /// <summary>The pool that trusts nobody.</summary>
    public static TrustPool Empty { get; } = new([]);

    /// <summary>The anchors in order.</summary>
    public IReadOnlyList<Certificate> Certificates { get; }

    /// <summary>
    /// Reads a bundle: every <c>CERTIFICATE</c> block without headers; other blocks are skipped, as Kubernetes does.
    /// </summary>
    /// <exception cref="PkiFormatException">There is no certificate in it, or one is malformed.</exception>
    public static TrustPool FromPem(string pem)
    {
        var document = PemDocument.Parse(pem);
        var blocks = document.Blocks.Where(b => b.Label == PemLabels.Certificate && b.Headers.Count == 0).ToList();
        return blocks.Count == 0
            ? throw new PkiFormatException($"expected at least one CERTIFICATE PEM block, found {document.LabelsFound}")
            : new(blocks.Select(b => Certificate.Parse(b.Content)));
    }

    /// <summary>This pool and more anchors.</summary>
    public TrustPool With(params IEnumerable<Certificate> more) => new(Certificates.Concat(more));

    /// <summary>True where the very certificate is an anchor.</summary>
    public bool Contains(Certificate certificate) => members.Contains(certificate);

    /// <summary>The anchors as PEM.</summary>
    public string ToPem() => Certificate.ToPem(Certificates);

    internal IReadOnlyList<Certificate> FindBySubject(DistinguishedName subject) =>
        bySubject.GetValueOrDefault(subject) ?? [];
}
