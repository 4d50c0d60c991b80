// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;

namespace Sealock.Gateway.Listener;

/// <summary>Whether certificates may take the place of those that are served: an expired or incomplete one must not.</summary>
internal static class ServingRules
{
    /// <summary>Why a snapshot must not be served, with the remedy; null where it may.</summary>
    /// <param name="next">What is to be served.</param>
    /// <param name="current">What is served; certificates that it has too are not judged again. Null: nothing yet.</param>
    /// <param name="names">Names that clients use; the certificate served for each must have it.</param>
    /// <param name="now">The time.</param>
    public static string? Refuse(ServingSnapshot next, ServingSnapshot? current, IReadOnlyCollection<string> names, DateTimeOffset now)
    {
        var known = current?.Certificates.Select(certificate => certificate.Certificate).ToHashSet() ?? [];
        foreach (var served in next.Certificates.Where(served => !known.Contains(served.Certificate)))
        {
            if (RefuseChain(served.Chain, now) is { } reason)
                return reason;
        }

        return known.Contains(next.Default.Certificate) ? null
            : RefuseNames(next, names) ?? RefuseAuthority(next, now);
    }

    private static string? RefuseChain(IReadOnlyList<Certificate> chain, DateTimeOffset now)
    {
        var leaf = chain[0];
        if (now > leaf.NotAfter)
            return $"the certificate of {leaf.Subject} has expired on {leaf.NotAfter:u}";
        if (now < leaf.NotBefore)
            return $"the certificate of {leaf.Subject} is valid only from {leaf.NotBefore:u} on";
        if (!ServesTls(leaf))
            return $"the certificate of {leaf.Subject} is not for servers (extended key usage server auth)";
        for (var i = 1; i < chain.Count; i++)
        {
            var issuer = chain[i];
            if (chain.Take(i).All(child => child.RefuseSignature(issuer.PublicKey) is not null))
                return $"the chain is broken: {issuer.Subject} signed none of the certificates before it; put the leaf first, then each issuer";
            if (now > issuer.NotAfter)
                return $"the certificate of {issuer.Subject} in the chain has expired on {issuer.NotAfter:u}";
        }

        return null;
    }

    private static bool ServesTls(Certificate leaf) =>
        leaf.KeyPurposes.Count == 0 || leaf.KeyPurposes.Contains(KeyPurposes.ServerAuth) || leaf.KeyPurposes.Contains(KeyPurposes.Any);

    /// <summary>Why the certificate that is served for a name is not fit for it; null where it is.</summary>
    public static string? RefuseName(ServingSnapshot snapshot, string name)
    {
        // The one in the files stands in for names inside of the cluster, not for those that clients use.
        var served = snapshot.CertificateFor(name, name);
        return HostNames.Refuse((ReferenceEquals(served, snapshot.StandIn) ? snapshot.Default : served).Certificate, name);
    }

    private static string? RefuseNames(ServingSnapshot next, IReadOnlyCollection<string> names)
    {
        foreach (var name in names)
        {
            if (RefuseName(next, name) is { } mismatch)
                return $"{mismatch}, the server's host name; move that first where it is meant to change (sealock setup move)";
        }

        return null;
    }

    private static string? RefuseAuthority(ServingSnapshot next, DateTimeOffset now)
    {
        if (next.RequiredCas is not { } cas)
            return null;
        var chain = next.Default.Chain;
        var verdict = ChainVerifier.Verify(
            chain[0], [.. chain.Skip(1)], cas, new ChainRequirements { At = now, Purposes = [KeyPurposes.ServerAuth] });
        return verdict.IsTrusted ? null : $"the certificate of {chain[0].Subject} does not lead to the CA that was given for it: {verdict.Reason}";
    }
}
