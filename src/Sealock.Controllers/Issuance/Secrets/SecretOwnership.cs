// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>To which of several Certificates a Secret belongs that all of them name.</summary>
internal static class SecretOwnership
{
    /// <summary>The other Certificate to which the Secret belongs; empty where it belongs to this one.</summary>
    public static string RivalOf(CertificateView certificate, IReadOnlyList<CertificateView> naming, SecretFacts? secret)
    {
        if (naming.Count < 2)
            return "";
        // The one for which it was issued; else the oldest.
        var owner = secret?.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) is { } name
            && naming.Any(other => other.Metadata.Name == name)
            ? name
            : naming.OrderBy(other => other.Metadata.CreationTimestamp).ThenBy(other => other.Metadata.Name, StringComparer.Ordinal)
                .First().Metadata.Name;
        return owner == certificate.Metadata.Name ? "" : owner;
    }
}
