// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Controllers.Issuance.Probing;
using Sealock.Controllers.Revocation;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance;

/// <summary>How the loops of issuance behave.</summary>
public sealed record IssuanceOptions
{
    /// <summary>Where ClusterIssuers have their Secrets.</summary>
    public string ClusterResourceNamespace { get; init; } = "cert-manager";

    /// <summary>
    /// Whether the API server itself writes who made a CertificateRequest (<c>spec.username</c> and so on), as a Sealock server and
    /// cert-manager's webhook do. Elsewhere anyone may write anything there, and it counts for nothing.
    /// </summary>
    public bool TrustsRequestIdentity { get; init; }

    /// <summary>Whether a Secret goes with its Certificate.</summary>
    public bool OwnSecrets { get; init; }

    /// <summary>The issuer of Ingresses that carry <c>kubernetes.io/tls-acme: "true"</c> and name none; empty: none.</summary>
    public string DefaultIssuerName { get; init; } = "";

    /// <summary>Its kind.</summary>
    public string DefaultIssuerKind { get; init; } = "Issuer";

    /// <summary>Its group.</summary>
    public string DefaultIssuerGroup { get; init; } = "cert-manager.io";

    /// <summary>Annotations that, being <c>"true"</c>, ask for the default issuer.</summary>
    public ImmutableArray<string> AutoCertificateAnnotations { get; init; } = ["kubernetes.io/tls-acme"];

    /// <summary>Whether annotated Ingresses get their Certificates.</summary>
    public bool FollowIngresses { get; init; } = true;

    /// <summary>How many objects each loop works on concurrently.</summary>
    public int Workers { get; init; } = 16;

    /// <summary>Asks an endpoint which certificate it serves; null asks none.</summary>
    public ProbeEndpoint? Probe { get; init; }

    /// <summary>Time between probes of an endpoint that serves what it should.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where the CAs of issuers are added, so that their revocation lists are kept; null keeps none.</summary>
    internal CrlAuthorities? CrlAuthorities { get; init; }

    /// <summary>Which certificates are revoked; null where nobody says.</summary>
    internal RevokedCertificates? Revoked { get; init; }

    /// <summary>Makes the Certificates' keys; null: as they are made everywhere.</summary>
    internal Func<KeyAlgorithm, KeyPair>? GenerateKey { get; init; }

    /// <summary>Called with the name of each step as it begins, also of those at ACME servers, for tests that kill there.</summary>
    public Action<string>? FaultPoint { get; init; }
}
