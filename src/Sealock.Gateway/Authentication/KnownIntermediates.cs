// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Limits;
using Sealock.Pki.Certificates;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Intermediate CAs that clients have shown, and that led to a CA that is accepted. A session ticket keeps the client's
/// certificate without the chain above it, so that a resumed session shows the certificate alone. What is remembered here only
/// completes a chain, which is verified as any other.
/// </summary>
internal sealed class KnownIntermediates
{
    private const int Capacity = 256;
    private const int LongestChain = 20;

    private readonly BoundedTable<string, Certificate> _byKey = new(Capacity * 2, StringComparer.Ordinal);

    /// <summary>Remembers what stands between the leaf and the anchor of a verified chain.</summary>
    public void Remember(IReadOnlyList<Certificate> chain)
    {
        for (var i = 1; i < chain.Count - 1; i++)
        {
            if (!chain[i].SubjectKeyIdentifier.IsEmpty)
                _byKey.Set(Key(chain[i].SubjectKeyIdentifier), chain[i]);
            _byKey.Set(chain[i].Subject.ToString(), chain[i]);
        }
    }

    /// <summary>What is known to stand above a certificate, from its issuer on.</summary>
    public IReadOnlyList<Certificate> Above(Certificate leaf)
    {
        var found = new List<Certificate>();
        for (var next = IssuerOf(leaf); next is not null && found.Count < LongestChain && !found.Contains(next); next = IssuerOf(next))
            found.Add(next);
        return found;
    }

    private Certificate? IssuerOf(Certificate issued) =>
        !issued.AuthorityKeyIdentifier.IsEmpty && _byKey.TryGet(Key(issued.AuthorityKeyIdentifier), out var byKey) ? byKey
        : _byKey.TryGet(issued.Issuer.ToString(), out var byName) ? byName : null;

    private static string Key(ReadOnlyMemory<byte> identifier) => "keyid:" + Convert.ToHexStringLower(identifier.Span);
}
